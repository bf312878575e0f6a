"""Ad-hoc prompts: one line of text, generated at once with the parameters of the form."""
