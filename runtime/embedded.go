package opik

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// A find is base64 in an encoded value that is long enough to be a file.
type find struct {
	start, end  int // of all that the placeholder replaces
	data        []byte
	contentType string
}

// extract takes the files out of an encoded value and attaches them. A placeholder with the name of the attachment
// stands in place of each, as Opik's other SDKs leave it.
func (r *recording) extract(section record.Section, text []byte) []byte {
	least := r.client.config.AttachmentBytes
	if least <= 0 || len(text) < least {
		return text
	}
	var rest []byte
	done := 0
	for _, found := range findFiles(text, least) {
		name := fmt.Sprintf("%s-attachment-%d-%d-sdk.%s", section, r.attached.Add(1), time.Now().UnixMilli(), extension(found.contentType))
		r.attach(Attachment{FileName: name, ContentType: found.contentType}, found.data)
		rest = append(append(rest, text[done:found.start]...), '[')
		rest = append(append(rest, name...), ']')
		done = found.end
	}
	if done == 0 {
		return text
	}
	return append(rest, text[done:]...)
}

// findFiles returns the files in an encoded value whose base64 has at least so many characters.
func findFiles(text []byte, least int) []find {
	var all []find
	for i := 0; i < len(text); i++ {
		start := i
		for i < len(text) && isBase64[text[i]] {
			i++
		}
		if i-start < least {
			continue
		}
		if found, ok := fileAt(text, start, i); ok {
			all = append(all, found)
		}
	}
	return all
}

// isBase64 are the characters of base64 without the padding.
var isBase64 = func() (is [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		is[c] = true
	}
	return is
}()

// fileAt returns the file in text[start:end], or false if that is something else: a text of letters only, a value that was
// cut, or base64 whose content has no type that is known.
func fileAt(text []byte, start, end int) (find, bool) {
	if escaping(text[:start]) { // the first letter belongs to an escape
		start += escapeLength(text[start])
	}
	for padding := 0; padding < 2 && end < len(text) && text[end] == '='; padding++ {
		end++
	}
	found := find{start: start, end: end, data: text[start:end]}
	if len(found.data)%4 != 0 || bytes.HasPrefix(text[end:], []byte(" [cut")) {
		return find{}, false
	}
	found.contentType = sniff(found.data)
	if prefix, contentType, ok := dataURI(text[:start]); ok {
		found.start, found.contentType = prefix, contentType
	}
	return found, found.contentType != ""
}

// escaping reports whether a text ends with the backslash of an escape, which no other one stands before.
func escaping(before []byte) bool {
	return (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 1
}

// escapeLength is how many characters stand behind the backslash of an escape that begins with c.
func escapeLength(c byte) int {
	if c == 'u' {
		return len("uXXXX")
	}
	return 1
}

// dataURI reports whether what stands before base64 says that it is a file, where that begins, and which type it has.
func dataURI(before []byte) (start int, contentType string, ok bool) {
	const scheme, longest = "data:", 128
	head, ok := bytes.CutSuffix(before, []byte(";base64,"))
	from := max(len(head)-longest, 0)
	at := bytes.LastIndex(head[from:], []byte(scheme))
	if !ok || at < 0 {
		return 0, "", false
	}
	of := string(head[from+at+len(scheme):])
	contentType, _, _ = strings.Cut(of, ";")
	return from + at, contentType, contentType != "" && !strings.ContainsAny(of, "\"\\, ") // not from another string
}

// sniff returns the type of what base64 holds, "" if it looks like a text or like nothing.
func sniff(data []byte) string {
	const most = 512 // bytes that are looked at
	content := make([]byte, most)
	n, _ := base64.StdEncoding.Decode(content, data[:min(len(data), most/3*4)]) // what cannot be decoded has no type
	contentType, _, _ := strings.Cut(http.DetectContentType(content[:n]), ";")
	if contentType == "application/octet-stream" || strings.HasPrefix(contentType, "text/") {
		return ""
	}
	return contentType
}

// extension returns what the name of a file of a type ends with: image/svg+xml is svg.
func extension(contentType string) string {
	_, subtype, _ := strings.Cut(contentType, "/")
	end := strings.IndexFunc(subtype, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.'
	})
	if end >= 0 {
		subtype = subtype[:end]
	}
	if subtype == "" || subtype == "octet-stream" {
		return "bin"
	}
	return subtype
}
