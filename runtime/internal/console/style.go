package console

import (
	"os"
	"strconv"
)

// style is how the parts of a tree are marked: terminal sequences, or nothing.
type style struct {
	name, kind, time, usage, guide, label, fail, reset string
}

func styleOf(colored bool) style {
	if !colored {
		return style{}
	}
	return style{
		name:  "\x1b[1m",
		kind:  "\x1b[36m",
		time:  "\x1b[33m",
		usage: "\x1b[32m",
		guide: "\x1b[2m",
		label: "\x1b[2m",
		fail:  "\x1b[31m",
		reset: "\x1b[0m",
	}
}

// paint marks text.
func (s style) paint(mark, text string) string {
	if mark == "" || text == "" {
		return text
	}
	return mark + text + s.reset
}

// Colored reports whether f is a terminal that shows colours to somebody who wants them.
func Colored(f *os.File) bool {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// columns returns how wide a line may be.
func columns() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n >= 60 {
		return min(n, 200)
	}
	return 100
}
