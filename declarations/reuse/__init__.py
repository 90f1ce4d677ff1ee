"""What an enterprise already said: values kept with their source, last year's declaration, and where the two disagree."""
