"""Plans jobs, loads pipelines, samples images. Importing it loads neither torch nor diffusers."""
