package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// errSharing is what Windows says when another process has the file open and shares it with nobody.
const errSharing = syscall.Errno(32)

// lockFile opens a file for this process alone until it is closed, or returns ErrBusy.
func lockFile(path string) (io.Closer, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("opening the spool's lock: %w", err)
	}
	const shareWithNobody = 0
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, shareWithNobody, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharing) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, fmt.Errorf("locking the spool: %w", err)
	}
	return os.NewFile(uintptr(handle), path), nil
}
