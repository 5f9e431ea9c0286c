package opik_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// picture is a PNG as far as anybody looks at it, with n bytes.
func picture(n int) []byte {
	return append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{1, 2, 3, 250}, n/4)...)[:n]
}

func ExampleSpan_LogAttachment() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()
	_, span := opik.StartSpan(rec.Context(), "draw", opik.SpanOptions{})
	span.LogAttachment(opik.Attachment{FileName: "chart.svg", Data: []byte("<svg/>")})
	span.LogComment("the axes are the wrong way round")
	span.End()

	drawn := rec.Traces()[0].Spans[0]
	fmt.Println(drawn.Attachments[0].FileName, drawn.Attachments[0].ContentType, drawn.Comments)
	// Output: chart.svg image/svg+xml [the axes are the wrong way round]
}

func TestLargeBase64IsAttached(t *testing.T) {
	rec := recorder(t, opik.Options{AttachmentBytes: 1000})
	file := picture(3001) // with padding
	encoded := base64.StdEncoding.EncodeToString(file)
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	opik.CaptureInput(span, "text", encoded)
	opik.CaptureInput(span, "uri", "look:\n"+"data:image/webp;base64,"+encoded+" and tell")
	opik.CaptureInput(span, "bytes", file)
	opik.CaptureOutput(span, "nested", map[string]any{"images": []string{"\n" + encoded, "none"}})
	opik.CaptureMetadata(span, "plain", struct{ Image string }{encoded})
	span.Update(opik.SpanUpdate{Metadata: map[string]any{"updated": encoded}})
	span.End()

	trace := rec.Traces()[0]
	got := trace.Spans[0]
	require.Len(t, got.Attachments, 6, "%s", got.Input["bytes"])
	for _, a := range got.Attachments {
		assert.Equal(t, file, a.Data)
		assert.Regexp(t, `^(input|output|metadata)-attachment-\d+-\d{13}-sdk\.(png|webp)$`, a.FileName)
	}
	name := func(i int) string { return "[" + got.Attachments[i].FileName + "]" }
	assert.Equal(t, map[string]any{"text": name(0), "uri": "look:\n" + name(1) + " and tell", "bytes": name(2)}, got.Input)
	assert.Equal(t, map[string]any{"nested": map[string]any{"images": []any{"\n" + name(3), "none"}}}, got.Output)
	assert.Equal(t, map[string]any{"plain": map[string]any{"Image": name(4)}, "updated": name(5)}, got.Metadata)
	assert.Equal(t, "image/webp", got.Attachments[1].ContentType)
	assert.Equal(t, "image/png", got.Attachments[0].ContentType)
	assert.Equal(t, got.Input, trace.Input)
	assert.Empty(t, trace.Attachments, "they are the span's")
}

func TestWhatLooksLikeADataURIInSeveralStrings(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString(picture(3000))
	rec := recorder(t, opik.Options{AttachmentBytes: 1000})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	opik.CaptureInput(span, "list", []string{"data:image/png", "x;base64," + encoded, "last"})
	span.End()
	got := rec.Traces()[0].Spans[0]
	require.Len(t, got.Attachments, 1)
	assert.Equal(t, []any{"data:image/png", "x;base64,[" + got.Attachments[0].FileName + "]", "last"}, got.Input["list"])
}

func TestWhatIsNoFileStays(t *testing.T) {
	png := base64.StdEncoding.EncodeToString(picture(3000))
	values := map[string]string{
		"short":           png[:900],
		"letters only":    strings.Repeat("opik", 1000),
		"a text":          base64.StdEncoding.EncodeToString([]byte(strings.Repeat("some text, ", 300))),
		"nothing known":   base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0, 1, 2}, 1000)),
		"of wrong length": png + "A",
	}
	rec := recorder(t, opik.Options{AttachmentBytes: 1000})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	for key, text := range values {
		opik.CaptureInput(span, key, text)
	}
	span.End()
	got := rec.Traces()[0].Spans[0]
	assert.Empty(t, got.Attachments)
	for key, text := range values {
		assert.Equal(t, text, got.Input[key], key)
	}

	off := recorder(t, opik.Options{AttachmentBytes: -1})
	_, span = opik.StartSpan(off.Context(), "s", opik.SpanOptions{})
	opik.CaptureInput(span, "png", png)
	span.End()
	assert.Equal(t, png, off.Traces()[0].Input["png"])

	cut := recorder(t, opik.Options{AttachmentBytes: 1000, MaxValueBytes: 2000})
	_, span = opik.StartSpan(cut.Context(), "s", opik.SpanOptions{})
	opik.CaptureInput(span, "png", png)
	opik.CaptureInput(span, "nested", []any{png})
	span.End()
	assert.Empty(t, cut.Traces()[0].Spans[0].Attachments, "half a file is none")
}

func TestTheMaskSeesWhatWouldBeAttached(t *testing.T) {
	rec := recorder(t, opik.Options{AttachmentBytes: 1000, Mask: func(string, []byte) []byte { return []byte(`"hidden"`) }})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	opik.CaptureInput(span, "png", base64.StdEncoding.EncodeToString(picture(3000)))
	span.LogComment("secret")
	span.End()
	got := rec.Traces()[0].Spans[0]
	assert.Empty(t, got.Attachments)
	assert.Equal(t, "hidden", got.Input["png"])
	assert.Equal(t, []string{"hidden"}, got.Comments)
}

func TestLogAttachment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.pdf")
	require.NoError(t, os.WriteFile(path, []byte("%PDF-1.7 and more"), 0o600))
	rec := recorder(t, opik.Options{})
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.LogAttachment(opik.Attachment{Path: path})
	span.LogAttachment(opik.Attachment{Data: picture(100)})
	span.LogAttachment(opik.Attachment{Data: []byte("abc"), FileName: "a", ContentType: "x/y", Path: "unused"})
	span.LogAttachment(opik.Attachment{FileName: "empty"})
	opik.CurrentTrace(ctx).LogAttachment(opik.Attachment{FileName: "trace.txt", Data: []byte("t")})
	span.End()
	(*opik.Span)(nil).LogAttachment(opik.Attachment{Data: []byte("x")})
	(*opik.Trace)(nil).LogAttachment(opik.Attachment{Data: []byte("x")})

	trace := rec.Traces()[0]
	assert.Equal(t, []opik.Attachment{
		{FileName: "report.pdf", ContentType: "application/pdf", Data: []byte("%PDF-1.7 and more")},
		{FileName: "attachment-1.png", ContentType: "image/png", Data: picture(100)},
		{FileName: "a", ContentType: "x/y", Data: []byte("abc")},
	}, trace.Spans[0].Attachments)
	assert.Equal(t, []opik.Attachment{
		{FileName: "trace.txt", ContentType: "text/plain; charset=utf-8", Data: []byte("t")},
	}, trace.Attachments)
}

// TestWhatIsNotSaidOfAnAttachmentIsFoundOut covers names, types, and paths that another process could not follow.
func TestWhatIsNotSaidOfAnAttachmentIsFoundOut(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.WriteFile("noextension", []byte("x"), 0o600))
	rec := recorder(t, opik.Options{})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.LogAttachment(opik.Attachment{Path: "noextension"})
	t.Chdir(t.TempDir()) // while it waits
	span.LogAttachment(opik.Attachment{Data: []byte("1"), Path: filepath.Join(dir, "gone")})
	for _, contentType := range []string{"image/svg+xml", "application/octet-stream", "weird", "x/+y", "x/UPPER", "x/7z"} {
		span.LogAttachment(opik.Attachment{Data: []byte("1"), ContentType: contentType})
	}
	span.End()
	var got []string
	for _, a := range rec.Traces()[0].Spans[0].Attachments {
		got = append(got, a.FileName+" "+a.ContentType)
	}
	assert.Equal(t, []string{
		"noextension ", "attachment-1.plain text/plain; charset=utf-8", "attachment-2.svg image/svg+xml",
		"attachment-3.bin application/octet-stream", "attachment-4.bin weird", "attachment-5.bin x/+y", "attachment-6.bin x/UPPER",
		"attachment-7.7z x/7z",
	}, got)
}

// TestBase64OfJustTheSize has files as large as the least that is attached, behind what JSON escapes.
func TestBase64OfJustTheSize(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString(picture(750))
	require.Len(t, encoded, 1000)
	rec := recorder(t, opik.Options{AttachmentBytes: 1000})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	opik.CaptureInput(span, "text", encoded)
	opik.CaptureInput(span, "any", []string{"\x01" + encoded, "\\" + encoded, "=" + encoded})
	opik.CaptureInput(span, "short", encoded[:996])
	span.End()
	got := rec.Traces()[0].Spans[0]
	assert.Len(t, got.Attachments, 4)
	for _, a := range got.Attachments {
		assert.Equal(t, picture(750), a.Data)
	}
	assert.Equal(t, encoded[:996], got.Input["short"])
}

func TestAFileThatIsGoneIsReported(t *testing.T) {
	rec := opiktest.Open(opik.Options{})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.LogAttachment(opik.Attachment{Path: filepath.Join(t.TempDir(), "gone")})
	span.End()
	err := rec.Client.Flush(t.Context())
	require.ErrorContains(t, err, "1 dropped (invalid)")
	require.ErrorContains(t, err, "the file of an attachment")
	require.NoError(t, rec.Close())
}

func TestCommentsWaitForTheirSpan(t *testing.T) {
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, _ *opik.Client) {
		ctx, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
		span.LogComment("early")
		span.LogComment("early")
		span.LogComment("")
		opik.CurrentTrace(ctx).LogComment("trace")
		span.End()
		span.LogComment("late")
		_, only := opik.StartSpan(context.WithoutCancel(ctx), "child", opik.SpanOptions{})
		only.End()
		(*opik.Span)(nil).LogComment("x")
		(*opik.Trace)(nil).LogComment("x")
	})
	var kinds []string
	for _, row := range rows {
		kinds = append(kinds, row.Kind)
	}
	assert.Equal(t, []string{"trace", "trace_comment", "span", "span_comment", "span_comment", "span_comment", "span"}, kinds)
	assert.JSONEq(t, fmt.Sprintf(`{"kind":"span_comment","id":%q,"text":"late"}`, rows[2].ID), rows[5].Text)
}

func TestASpanWithoutARowGivesItsTraceWhatBelongsToIt(t *testing.T) {
	rec := recorder(t, opik.Options{AttachmentBytes: 1000})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{NoDuplicateRoot: true})
	opik.CaptureInput(span, "png", picture(3000))
	span.LogComment("c")
	span.End()
	trace := rec.Traces()[0]
	assert.Len(t, trace.Attachments, 1)
	assert.Equal(t, []string{"c"}, trace.Comments)
}

// FuzzBase64IsAttached looks for texts that lose something or are no JSON any more.
func FuzzBase64IsAttached(f *testing.F) {
	f.Add("data:image/png;base64,", " and more", 30)
	f.Add("\\", "\"", 9)
	f.Add("\u2028", "=", 31)
	f.Fuzz(func(t *testing.T, before, after string, n int) {
		file := picture(n&1023 + 8)
		rec := opiktest.Open(opik.Options{AttachmentBytes: 16})
		defer func() { require.NoError(t, rec.Close()) }()
		_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
		opik.CaptureInput(span, "v", before+base64.StdEncoding.EncodeToString(file)+after)
		span.End()
		got := rec.Traces()[0].Spans[0]
		text, ok := got.Input["v"].(string)
		require.True(t, ok, "the row has been read")
		for _, a := range got.Attachments {
			assert.Contains(t, text, "["+a.FileName+"]")
		}
	})
}
