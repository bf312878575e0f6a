"""Plans jobs, loads pipelines and samples images. Importing it loads neither torch nor diffusers."""
