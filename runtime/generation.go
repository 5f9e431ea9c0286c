package opik

// Generation1 is named by every generated file, so that a generated file and a runtime that do not fit each other
// fail the build and not the program. A change of what generated code calls adds a Generation2 beside it.
const Generation1 = true
