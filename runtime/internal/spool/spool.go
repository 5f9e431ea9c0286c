// Package spool keeps rows on disk that could not be delivered, until the server is back or the next process starts.
//
// A spool is a directory of files, one a batch, oldest first by name. Any number of processes may write to it; one
// at a time replays. Neither the key nor the workspace is in a file or in a name.
package spool

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// Config says where rows are kept.
type Config struct {
	Dir string

	// Destination tells the server and the workspace that rows are for, in any form. Rows for different ones must
	// not mix, so each has a folder of its own, named by a hash.
	Destination string

	MaxBytes int64 // of all files for this destination; 0 is 256 MiB. The oldest make room for the newest
}

// A Spool writes and reads one destination's files. The folder is made when the first file is.
type Spool struct {
	dir      string
	maxBytes int64
	owner    string // names this spool's files among those of other processes

	mu   sync.Mutex
	last int64           // the time in the last name
	skip map[string]bool // files that are done with and cannot be removed
}

// New returns the spool of a destination. It touches no file.
func New(config Config) *Spool {
	sum := sha256.Sum256([]byte(config.Destination))
	if config.MaxBytes <= 0 {
		config.MaxBytes = 256 << 20
	}
	return &Spool{
		dir:      filepath.Join(config.Dir, hex.EncodeToString(sum[:8])),
		maxBytes: config.MaxBytes,
		owner:    fmt.Sprintf("%016x", rand.Uint64()),
		skip:     map[string]bool{},
	}
}

// Store writes rows to a file of their own, which is complete or not there at all. It returns how many rows of the
// oldest files had to make room. Rows that follow others are given alone: their file is replayed behind all others.
func (s *Spool) Store(rows []record.Row) (evicted int, err error) {
	content := encode(rows)
	s.mu.Lock()
	defer s.mu.Unlock()
	if int64(len(content)) > s.maxBytes {
		return 0, fmt.Errorf("spooling rows: a batch of %d bytes is more than the %d that the spool may hold", len(content), s.maxBytes)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return 0, fmt.Errorf("making the spool folder: %w", err)
	}
	if evicted, err = s.makeRoom(int64(len(content))); err != nil {
		return evicted, err
	}
	s.last = max(s.last+1, time.Now().UnixNano())
	name := fileName(s.last, rows, s.owner)
	if err := writeFile(filepath.Join(s.dir, name), content); err != nil {
		return evicted, fmt.Errorf("spooling rows: %w", err)
	}
	return evicted, nil
}

// makeRoom removes the oldest files until so many more bytes fit.
func (s *Spool) makeRoom(needed int64) (evicted int, err error) {
	files, err := s.list()
	if err != nil {
		return 0, err
	}
	total := needed
	for _, file := range files {
		total += file.size()
	}
	for _, file := range files {
		if total <= s.maxBytes {
			break
		}
		total -= file.size()
		err := os.Remove(filepath.Join(s.dir, file.name))
		switch {
		case errors.Is(err, fs.ErrNotExist): // somebody else has replayed it, or counts it
		case err != nil:
			return evicted, fmt.Errorf("making room in the spool: %w", err)
		case !file.damaged:
			evicted += file.rows
		}
	}
	return evicted, nil
}

// Own returns how many rows of this spool's own files are still there.
func (s *Spool) Own() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := 0
	files, _ := s.list() // a folder that cannot be read holds nothing that could be replayed
	for _, file := range files {
		if file.owner == s.owner && !file.damaged && !s.skip[file.name] {
			rows += file.rows
		}
	}
	return rows
}

// list returns the spool's files, oldest first. Their sizes are not known yet.
func (s *Spool) list() ([]listed, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the spool folder: %w", err)
	}
	var files []listed
	for _, entry := range entries {
		if file, ok := parseName(entry.Name()); ok {
			file.entry = entry
			files = append(files, file)
		}
	}
	return files, nil
}

// writeFile puts content under a temporary name, to the disk, and in place. Whoever sees the name sees all of it.
func writeFile(path string, content []byte) (err error) {
	temporary := path + temporarySuffix
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary) // it is of no use; the error that counts is there already
		}
	}()
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	if err = os.Rename(temporary, path); err != nil {
		return err
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// syncFolder makes a rename survive a loss of power, on the systems where folders can be synced.
func syncFolder(dir string) {
	folder, err := os.Open(dir)
	if err != nil {
		return
	}
	_ = folder.Sync() // not everywhere possible; without it the file is as safe as the file system makes it
	_ = folder.Close()
}
