package cftokens_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestDocs_NameTests checks that every test named in a document exists.
func TestDocs_NameTests(t *testing.T) {
	t.Parallel()
	exists := map[string]bool{}
	for _, pattern := range []string{"*_test.go", "*/*_test.go", "../contract_test/*_test.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no files: %v", pattern, err)
		}
		for _, path := range paths {
			for _, name := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(read(t, path), -1) {
				exists[name[1]] = true
			}
		}
	}
	for _, path := range []string{"../SECURITY.md", "../CONTRIBUTING.md", "../contract_test/README.md", "bench/README.md"} {
		names := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(read(t, path), -1)
		if len(names) == 0 {
			t.Errorf("%s names no test", path)
		}
		for _, name := range names {
			if !exists[name[1]] {
				t.Errorf("%s names %s, which does not exist", path, name[1])
			}
		}
	}
}

// TestDoc_RetryTable checks that each row of the table in the package comment has a test
// case, which is listed here.
func TestDoc_RetryTable(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"status 408 or 429":           `"status 408"`,
		"page with status 408 or 429": `"page with status 429"`,
		"connection failed":           `"connection failed"`,
		"not processed (HTTP/2)":      "func TestCreate_HTTP2Unprocessed(",
		"status 5xx":                  `"status 503"`,
		"connection lost, timeout":    `"connection lost"`,
		"undecodable 2xx body":        `"not JSON"`,
		"2xx body over 16 MiB":        `"body too long"`,
		"stream refused (HTTP/2)":     `"RST_STREAM REFUSED_STREAM"`,
		"status 3xx or 4xx":           `"status 404"`,
		"page with status 3xx or 4xx": `"page with status 403"`,
		"status 101":                  `"status 101"`,
		"certificate, refused proxy":  "func TestCreate_NoConnection(",
		"context done after sending":  "func TestCancel_AfterSending(",
		"context done before sending": "func TestCancel_BeforeSending(",
	}
	var tests strings.Builder
	for _, path := range []string{"retry_test.go", "cancel_test.go", "http2_test.go", "sentonce_test.go", "evidence_test.go"} {
		tests.WriteString(read(t, path))
	}
	_, table, _ := strings.Cut(read(t, "doc.go"), "Create, Roll\n")
	table, _, _ = strings.Cut(table, "//\n")
	rows := strings.Split(strings.TrimSpace(table), "\n")
	if len(rows) != len(cases) {
		t.Errorf("the table has %d rows, want %d", len(rows), len(cases))
	}
	for _, row := range rows {
		name := regexp.MustCompile(`^//\t(.*?)  `).FindStringSubmatch(row)
		if name == nil || cases[name[1]] == "" {
			t.Errorf("row %q of the table has no entry in cases, want one", row)
			continue
		}
		if want := cases[name[1]]; !strings.Contains(tests.String(), want) {
			t.Errorf("row %q of the table: no test contains %s, want one", row, want)
		}
	}
}

// TestDoc_Examples checks that each exported method of Client has an example with an
// output, which go test compares.
func TestDoc_Examples(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("example*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	hasOutput := map[string]bool{}
	for _, example := range doc.Examples(files...) {
		hasOutput[example.Name] = example.Output != "" || example.EmptyOutput
	}
	for method := range reflect.TypeFor[*cftokens.Client]().Methods() {
		if name := "Client_" + method.Name; !hasOutput[name] {
			t.Errorf("no Example%s with an output comment", name)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
