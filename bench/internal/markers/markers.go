// Package markers puts what was measured into a file, where "<!-- NAME: begin -->" and "<!-- NAME: end -->" stand in
// lines of their own around it.
package markers

import (
	"bytes"
	"fmt"
	"os"
)

// Write replaces what stands in a file between the markers of a name.
func Write(file, name, text string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	replaced, err := replace(content, name, text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, replaced, 0o644)
}

// replace replaces what stands in content between the markers of a name.
func replace(content []byte, name, text string) ([]byte, error) {
	begin, end := "<!-- "+name+": begin -->", "<!-- "+name+": end -->"
	before, rest, found := bytes.Cut(content, []byte(begin+"\n"))
	_, after, closed := bytes.Cut(rest, []byte(end+"\n"))
	if !found || !closed {
		return nil, fmt.Errorf("no lines %q and %q to put the table between", begin, end)
	}
	return fmt.Appendf(nil, "%s%s\n%s%s\n%s", before, begin, text, end, after), nil
}
