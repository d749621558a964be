package cftokens

import (
	"strings"
	"testing"
	"time"
)

func TestPageText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body, want string }{
		{"empty", "", ""},
		{"plain text", "a <b> is not HTML &amp; stays", "a <b> is not HTML &amp; stays"},
		{"comparison", "1 < 2", "1 < 2"},
		{
			"nginx",
			"<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
			"403 Forbidden 403 Forbidden nginx",
		},
		{
			"squid",
			`<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">` +
				"<html><head>\n<meta type=\"copyright\" content=\"Copyright (C) 1996-2020\">\n<title>ERROR: Access Denied</title>\n" +
				"<style type=\"text/css\"><!--\n body { color: black > white }\n--></style>\n</head><body id=ERR_ACCESS_DENIED><p>Access <b>denied</b>.</p></body>",
			"ERROR: Access Denied Access denied .",
		},
		{"doctype in lower case", "<!doctype HTML><p>a</p>", "a"},
		{"white space before", " \n<p>a</p>", "a"},
		{"tag that begins with the name of another", "<styled-x>a</styled-x><script-y>b", "a b"},
		{"upper case", "<HTML><SCRIPT>x</SCRIPT ><Style>y</Style>a", "a"},
		{"tags in a script", "<script>if (a<b) { s = '</p><style>' }</script>a", "a"},
		{"script cut off", "<p>a</p><script>var x = '", "a"},
		{"self-closing", "<p/>a<br/>b<br />c<hr\n>d", "a b c d"},
		{"inline", `<p>Error <b>1</b>0<span class="x">20</span>: a<wbr>b`, "Error 1 0 20 : a b"},
		{"comments", "<p>a<!-- <p>x</p> --><!-->b<!--->c<!-- cut off <p>x</p>", "a b c"},
		{"processing instruction", "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>No</Message></Error>", "AccessDenied No"},
		{"entities", "<p>&lt;b&gt; &amp;amp; &copy; &#65;&#x42; &unknown; &", "<b> &amp; &copy; &#65;&#x42; &unknown; &"},
		{"tag cut off", "<p>a</p><a href='x", "a"},
		{"name cut off", "<p>a</p><scr", "a"},
		{"entity cut off", "<p>a&am", "a&am"},
		{"invalid UTF-8", "<p>a\xff</p\xff>\xfe", "a\xff \xfe"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(strings.Fields(pageText(tt.body)), " "); got != tt.want {
				t.Errorf("pageText(%q) = %q, want %q", tt.body, got, tt.want)
			}
		})
	}
}

// TestPageText_Time checks that a page that looks incomplete at every byte takes no more
// than linear time.
func TestPageText_Time(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"<", "<p", "<!--", "<!-- -", "<script>", "<script></", "< ", "&", "</", "<html", "<a>&lt", "<p ", "<!"} {
		body := "<p>" + strings.Repeat(part, 1<<20/len(part))
		start := time.Now()
		_ = pageText(body)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("pageText() took %v for 1 MiB of %q, want at most 2s", took, part)
		}
	}
}

func FuzzPageText(f *testing.F) {
	for _, body := range []string{"", "a", "<", "<p>a", "<!doctype html><title>a</title>", "<script></script>", "<!-- -->a", "<style", "&lt;p>", "\ufeff<a b='>'>"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if got := pageText(body); len(got) > 2*len(body)+1 {
			t.Errorf("pageText(%q) = %q, want no more text than in the page", body, got)
		}
	})
}
