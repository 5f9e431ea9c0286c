package spool

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// The names of the files in a spool, by their ends.
const (
	suffix          = ".rows"
	temporarySuffix = ".tmp"
	damagedSuffix   = ".damaged"
	lockName        = "replay.lock"
)

// lastPrefix begins the names of files whose rows follow others, so that they come after all that do not. It is sorted
// behind the digits.
const lastPrefix = "z"

// timeDigits is the width of the time in a name: nanoseconds until the year 2286.
const timeDigits = 19

// A listed file is what its name says.
type listed struct {
	name    string
	rows    int
	owner   string
	damaged bool // set aside: it counts as disk space only
	entry   fs.DirEntry
}

// size is what the file takes on the disk, nothing if another process has removed it.
func (f listed) size() int64 {
	info, err := f.entry.Info()
	if err != nil {
		return 0
	}
	return info.Size()
}

// fileName builds a name that sorts by time and tells how many rows are lost if the file has to go.
func fileName(nanos int64, rows []record.Row, owner string) string {
	prefix := ""
	if len(rows) > 0 && rows[0].Kind.Follows() {
		prefix = lastPrefix
	}
	return fmt.Sprintf("%s%0*d-%d-%s%s", prefix, timeDigits, nanos, len(rows), owner, suffix)
}

// parseName reads a name back; ok is false for the names of others.
func parseName(name string) (file listed, ok bool) {
	stem, damaged := strings.CutSuffix(name, damagedSuffix)
	stem, ok = strings.CutSuffix(stem, suffix)
	parts := strings.Split(strings.TrimPrefix(stem, lastPrefix), "-")
	if !ok || len(parts) != 3 || len(parts[0]) != timeDigits {
		return listed{}, false
	}
	rows, err := strconv.Atoi(parts[1])
	if err != nil {
		return listed{}, false
	}
	return listed{name: name, rows: rows, owner: parts[2], damaged: damaged}, true
}
