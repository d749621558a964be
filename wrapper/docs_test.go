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
	"slices"
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

// TestDoc_RetryTable checks that the table in the package comment says what TestRetries
// checks, and that its columns name each operation that changes something.
func TestDoc_RetryTable(t *testing.T) {
	t.Parallel()
	// These rows need more than a response, and have a test of their own.
	others := []string{
		"not processed (HTTP/2)", "stream refused (HTTP/2)", "certificate, refused proxy", "context done after sending", "context done before sending",
	}
	_, table, _ := strings.Cut(read(t, "doc.go"), "//\tfailure ")
	table, _, _ = strings.Cut(table, "//\n")
	var cells [][]string
	for line := range strings.Lines(table) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "//\t")
		cells = append(cells, regexp.MustCompile(`  +`).Split(line, -1))
	}
	for operation := range everyCall {
		name := strings.TrimSuffix(strings.ToUpper(operation[:1])+operation[1:], "Token")
		column := 1
		if !operationByID(operation).Idempotent {
			column = 2
		}
		header := cells[0][len(cells[0])-3:]
		if changes(operation) && !slices.Contains(strings.Split(header[column], ", "), name) {
			t.Errorf("column %q of the table does not name %s", header[column], name)
		}
	}
	tested := map[string][]string{}
	for _, tt := range retryCases {
		tested[tt.row] = []string{tt.row, tt.reads, tt.updates, tt.createRoll}
	}
	for _, row := range cells[1:] {
		if want, ok := tested[row[0]]; ok && !slices.Equal(row, want) || !ok && !slices.Contains(others, row[0]) {
			t.Errorf("row %q of the table, want %q, as in TestRetries", row, want)
		}
		delete(tested, row[0])
	}
	for row := range tested {
		t.Errorf("the table has no row %q", row)
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
