package opik_test

import (
	"encoding/binary"
	"hash/crc32"
)

// frame is a message in the framing of AWS.
func frame(message, kind, payload string) []byte {
	headers := map[string][]string{
		"event":     {":message-type", message, ":event-type", kind},
		"exception": {":message-type", message, ":exception-type", kind},
		"error":     {":message-type", message, ":error-code", kind, ":error-message", payload},
	}[message]
	var head []byte
	for i := 0; i < len(headers); i += 2 {
		head = append(append(head, byte(len(headers[i]))), headers[i]...)
		head = append(head, 7, 0, byte(len(headers[i+1])))
		head = append(head, headers[i+1]...)
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(16+len(head)+len(payload)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(head)))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = append(append(b, head...), payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}
