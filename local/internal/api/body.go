package api

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/opikgen/opikgen/local/internal/store"
)

const (
	maxBody  = 64 << 20 // of a document, after decompression; the SDKs split at 50 MB
	maxDepth = 500      // of brackets within brackets
)

// readBody reads a document, and no more of it than there is room for.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	source := io.Reader(http.MaxBytesReader(w, r.Body, maxBody))
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(source)
		if err != nil {
			return nil, malformed(err)
		}
		source = unzipped
	}
	body, err := io.ReadAll(io.LimitReader(source, maxBody+1))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge
	}
	if err != nil {
		return nil, malformed(err)
	}
	if len(body) > maxBody {
		return nil, &http.MaxBytesError{Limit: maxBody}
	}
	return body, nil
}

// malformed is the refusal of a body that is no document.
func malformed(err error) error {
	return &refusal{status: http.StatusBadRequest, message: "Unable to process JSON", details: printable(err.Error())}
}

// readJSON reads the document of a request.
func readJSON(w http.ResponseWriter, r *http.Request, document any) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	if body, err = plainJSON(body); err != nil {
		return malformed(err)
	}
	err = json.Unmarshal(body, document)
	if outOfRange, ok := errors.AsType[store.OutOfRange](err); ok {
		return invalid(outOfRange.Error())
	}
	if err != nil {
		return malformed(err)
	}
	return nil
}

// reading is the handler of requests with a document, which is read before handle is called.
func reading[T any](handle func(http.ResponseWriter, *http.Request, *T) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var sent T
		if err := readJSON(w, r, &sent); err != nil {
			return err
		}
		return handle(w, r, &sent)
	}
}

// plainJSON checks how deep a document is, and quotes the bare NaN and Infinity that Python's json writes and Opik reads.
func plainJSON(body []byte) ([]byte, error) {
	body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	var plain []byte
	depth, copied := 0, 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			i = skipString(body, i)
		case '[', '{':
			if depth++; depth > maxDepth {
				return nil, fmt.Errorf("the document is more than %d levels deep", maxDepth)
			}
		case ']', '}':
			depth--
		case 'N', 'I', '-':
			if word := bareNumber(body[i:]); word != "" {
				plain = append(append(plain, body[copied:i]...), `"`+word+`"`...)
				i += len(word) - 1
				copied = i + 1
			}
		}
	}
	if copied == 0 {
		return body, nil
	}
	return append(plain, body[copied:]...), nil
}

// skipString returns the index of the quote that ends the string at start.
func skipString(body []byte, start int) int {
	for i := start + 1; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(body)
}

// bareNumber returns the number that JSON has no word for, at the beginning of text.
func bareNumber(text []byte) string {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(text, []byte(word)) {
			return word
		}
	}
	return ""
}

// isBlank reports whether a text says nothing.
func isBlank(text string) bool { return strings.TrimSpace(text) == "" }
