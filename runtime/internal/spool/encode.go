package spool

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// magic begins a file. Its number changes with the format.
const (
	anyMagic = "opikgen-spool "
	magic    = anyMagic + "1"
)

// errDamaged is a file that is not what was written: cut short, or changed.
var errDamaged = errors.New("the spool file is damaged")

// errNewer is a file in another format, or with rows of a kind that is not known here. While a program is replaced by its
// next version both share a folder, and what the new one wrote is its own to replay.
var errNewer = errors.New("the spool file is of a newer version")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode writes rows as a file that a person can read: a line with the number of rows and a checksum of the rest,
// then for each row a line with its kind, id, trace, whether it is a start row, and length, and a line with the body.
func encode(rows []record.Row) []byte {
	var rest bytes.Buffer
	for _, row := range rows {
		fmt.Fprintf(&rest, "%s %x %x %t %d\n", row.Kind, row.ID, row.TraceID, row.Start, len(row.Body))
		rest.Write(row.Body)
		rest.WriteByte('\n')
	}
	head := fmt.Sprintf("%s %d %08x\n", magic, len(rows), crc32.Checksum(rest.Bytes(), castagnoli))
	return append([]byte(head), rest.Bytes()...)
}

// decode reads a file back. The rows share the content's memory.
func decode(content []byte) ([]record.Row, error) {
	head, rest, _ := bytes.Cut(content, []byte{'\n'})
	want := fmt.Sprintf("%08x", crc32.Checksum(rest, castagnoli))
	count, ok := strings.CutPrefix(string(head), magic+" ")
	count, sum, _ := strings.Cut(count, " ")
	if newer(string(head)) {
		return nil, errNewer
	}
	if !ok || sum != want {
		return nil, fmt.Errorf("%w: its first line is not %q with the checksum %s", errDamaged, magic, want)
	}
	var rows []record.Row
	for len(rest) > 0 {
		row, left, err := decodeRow(rest)
		if err != nil {
			return nil, fmt.Errorf("%w: row %d: %w", errDamaged, len(rows)+1, err)
		}
		rows, rest = append(rows, row), left
	}
	if count != strconv.Itoa(len(rows)) {
		return nil, fmt.Errorf("%w: it holds %d rows and promises %s", errDamaged, len(rows), count)
	}
	return rows, nil
}

// newer reports whether a first line is that of another format.
func newer(head string) bool {
	version, ok := strings.CutPrefix(head, anyMagic)
	version, _, cut := strings.Cut(version, " ")
	number, _ := strconv.Atoi(version) // 0 where it is no number
	return ok && cut && number > 1
}

// decodeRow reads the row at the beginning of text and returns what follows it.
func decodeRow(text []byte) (row record.Row, rest []byte, err error) {
	line, rest, _ := bytes.Cut(text, []byte{'\n'})
	fields := strings.Split(string(line), " ")
	if len(fields) != 5 {
		return row, nil, fmt.Errorf("found %d fields, expected 5", len(fields))
	}
	length, err := strconv.Atoi(fields[4])
	if err != nil || length < 0 || length >= len(rest) || rest[length] != '\n' {
		return row, nil, fmt.Errorf("the length %q is not the body's", fields[4])
	}
	row.Body = rest[:length:length]
	row.Start = fields[3] == "true"
	err = errors.Join(decodeID(&row.ID, fields[1]), decodeID(&row.TraceID, fields[2]), decodeKind(&row.Kind, fields[0]))
	return row, rest[length+1:], err
}

// decodeID reads sixteen bytes in hexadecimal.
func decodeID(id *[16]byte, text string) error {
	if len(text) != 2*len(id) {
		return fmt.Errorf("the id %q has not 32 digits", text)
	}
	_, err := hex.Decode(id[:], []byte(text))
	return err
}

// decodeKind finds the kind of a name. The names are kept, not the numbers, which another version may have changed.
func decodeKind(kind *record.Kind, name string) error {
	for k := record.Kind(0); k.String() != record.Kind(255).String(); k++ {
		if k.String() == name {
			*kind = k
			return nil
		}
	}
	return fmt.Errorf("unknown kind of row %q: %w", name, errNewer)
}
