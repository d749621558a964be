// Command size builds a program of one call in four ways and prints, as Markdown,
// how large the stripped binary is and what is compiled into it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

var programs = []struct{ folder, name string }{
	{"nethttp", "net/http and encoding/json"},
	{"cftokens", "this client"},
	{"cloudflare", "cloudflare-go"},
	{"cloudflareuser", "cloudflare-go, its package user alone"},
}

func main() {
	if err := printSizes(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "size:", err)
		os.Exit(1)
	}
}

func printSizes(ctx context.Context) error {
	tmp, err := os.MkdirTemp("", "size")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	fmt.Printf("%s, %s/%s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Println("| a program of one call with | stripped binary, MB | above net/http, MB | compiled packages | modules |")
	fmt.Println("|---|---|---|---|---|")
	var base float64
	for i, program := range programs {
		binary := filepath.Join(tmp, program.folder)
		if _, err := run(ctx, "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./size/"+program.folder); err != nil {
			return err
		}
		info, err := os.Stat(binary)
		if err != nil {
			return err
		}
		size := float64(info.Size()) / 1e6
		if i == 0 {
			base = size
		}
		packages, err := run(ctx, "list", "-deps", "-f", "{{.ImportPath}}", "./size/"+program.folder)
		if err != nil {
			return err
		}
		modules, err := run(ctx, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", "./size/"+program.folder)
		if err != nil {
			return err
		}
		distinct := map[string]bool{}
		for _, m := range modules {
			distinct[m] = true
		}
		fmt.Printf("| %s | %.2f | %+.2f | %d | %d |\n", program.name, size, size-base, len(packages), len(distinct))
	}
	return nil
}

// run returns the words that the go command prints.
func run(ctx context.Context, args ...string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	return strings.Fields(string(out)), err
}
