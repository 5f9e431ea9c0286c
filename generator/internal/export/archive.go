package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// An export file is an archive. Its first entry, the package definition, is lines of text about the object, a mark, the
// sections (the payload) and an end mark.
const (
	archiveMagic = "!<arch>\n"
	entrySize    = 60 // of an entry's header
	entryName    = "__.PKGDEF"
	entryFormat  = "%-16s%-12d%-6d%-6d%-8o%-10d`\n" // name, time, user, group, mode, size
	objectMagic  = "go object "
	textEnd      = "\n$$"
	payloadMark  = textEnd + "B\nu" // binary, in the unified format
	payloadEnd   = "\n$$\n"
	headersSize  = 4096 // more than all that stands before the payload; the importer allows as much for each line
)

// readArchive finds the payload of an export file, and returns it together with what precedes it in the package
// definition.
func readArchive(file io.ReaderAt, size int64) (head []byte, payload *io.SectionReader, err error) {
	start := make([]byte, min(size, headersSize))
	if _, err := file.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	const begin = len(archiveMagic) + entrySize
	entry, err := entryLength(start)
	if err != nil {
		return nil, nil, err
	}
	if entry > size-int64(begin) {
		return nil, nil, fmt.Errorf("the file ends within the package definition, of %d bytes", entry)
	}
	head, err = definitionHead(start[begin:])
	if err != nil {
		return nil, nil, err
	}
	length := entry - int64(len(head)+len(payloadEnd)) // a negative one is found to be too short for a payload
	return head, io.NewSectionReader(file, int64(begin+len(head)), length), nil
}

// entryLength returns the length of the package definition from the archive's start.
func entryLength(start []byte) (int64, error) {
	entry, ok := bytes.CutPrefix(start, []byte(archiveMagic))
	if !ok || len(entry) < entrySize || !bytes.HasPrefix(entry, []byte(entryName+" ")) {
		return 0, errors.New("found no archive that starts with a package definition")
	}
	length, err := strconv.ParseInt(strings.TrimRight(string(entry[48:58]), " "), 10, 32)
	if err != nil || length < 0 {
		return 0, fmt.Errorf("the package definition has no length but %q", entry[48:58])
	}
	return length, nil
}

// definitionHead returns the first part of a package definition, up to where the payload begins.
func definitionHead(definition []byte) ([]byte, error) {
	at := max(0, bytes.Index(definition, []byte(textEnd)))
	if !bytes.HasPrefix(definition, []byte(objectMagic)) || !bytes.HasPrefix(definition[at:], []byte(payloadMark)) {
		return nil, errors.New("the package definition has no data in the unified format")
	}
	return definition[:at+len(payloadMark)], nil
}

// newArchive begins an archive whose payload will have the given length, and leaves room for that and for the end mark.
func newArchive(head []byte, payload int) []byte {
	entry := len(head) + payload + len(payloadEnd)
	archive := make([]byte, 0, len(archiveMagic)+entrySize+entry)
	archive = append(archive, archiveMagic...)
	archive = fmt.Appendf(archive, entryFormat, entryName, 0, 0, 0, 0o644, entry)
	return append(archive, head...)
}
