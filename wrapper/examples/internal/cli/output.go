package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf16"
)

// output is standard output, and the first error of a write.
type output struct {
	*os.File

	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.File.Write(p)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// Discards reports whether w is the null device, which is also what standard output is if
// it was closed.
func Discards(w io.Writer) bool {
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(stat(w), null)
}

func stat(w io.Writer) os.FileInfo {
	if file, ok := w.(interface{ Stat() (os.FileInfo, error) }); ok {
		if info, err := file.Stat(); err == nil {
			return info
		}
	}
	return nil
}

// Status shows text on the current line of w, if that is a terminal, instead of the text
// before it.
func Status(w io.Writer, format string, args ...any) {
	if info := stat(w); info != nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(w, "\r\x1b[K"+format, args...)
	}
}

// Linef writes a line that cannot control a terminal.
func Linef(w io.Writer, format string, args ...any) {
	fmt.Fprintln(w, Printable(fmt.Sprintf(format, args...)))
}

// Printable returns text with replacement characters for those that could control a
// terminal or break a table.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// JSON writes v as JSON, with escapes for characters that could control a terminal.
func JSON(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var escaped bytes.Buffer
	for _, r := range string(text) {
		if unicode.IsPrint(r) {
			escaped.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&escaped, `\u%04x`, unit)
		}
	}
	_, err = fmt.Fprintln(w, escaped.String())
	return err
}
