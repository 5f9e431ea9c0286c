package opik

// Asked returns what a function answers, and the zero value where it panics, as it may that asks the program's own values:
// a tool for its description, say. It is for the expressions of directives and presets.
func Asked[T any](ask func() T) (answer T) {
	defer func() { _ = recover() }()
	return ask()
}
