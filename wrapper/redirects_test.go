package cftokens_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestRedirects uses a real server and HTTP client, because net/http handles redirects.
func TestRedirects(t *testing.T) {
	t.Parallel()
	for status := 300; status <= 308; status++ {
		for operation, call := range everyCall {
			t.Run(fmt.Sprintf("%d/%s", status, operation), func(t *testing.T) {
				t.Parallel()
				var requests []string
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests = append(requests, r.Method+" "+r.URL.Path)
					if strings.HasPrefix(r.URL.Path, "/moved") {
						_, _ = io.WriteString(w, success(tokenJSON))
						return
					}
					http.Redirect(w, r, "/moved?"+leak, status)
				}))
				defer server.Close()
				httpClient := server.Client() // every httptest.Server closes connections of http.DefaultTransport
				httpClient.CheckRedirect = func(*http.Request, []*http.Request) error {
					t.Error("CheckRedirect was called")
					return nil
				}
				client, err := cftokens.NewClient(credential, cftokens.WithBaseURL(server.URL), cftokens.WithHTTPClient(httpClient))
				if err != nil {
					t.Fatal(err)
				}
				err = call(t, client)
				apiErr := asError[*cftokens.APIError](t, operation, err)
				if apiErr.StatusCode != status {
					t.Errorf("%s error has status %d, want %d", operation, apiErr.StatusCode, status)
				}
				if want := strings.TrimPrefix(server.URL, "http://"); apiErr.RedirectHost != want {
					t.Errorf("%s error has RedirectHost %q, want %q", operation, apiErr.RedirectHost, want)
				}
				checkNoLeak(t, operation, err, leak)
				checkUnknown(t, operation, err, changes(operation))
				if len(requests) != 1 {
					t.Errorf("%s sent %q, want one request", operation, requests)
				}
			})
		}
	}
}

func TestRedirects_Location(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, location, want, host string }{
		{name: "another host", location: "https://other.example:8443/x?" + leak, want: "redirect to other.example:8443 not followed", host: "other.example:8443"},
		{name: "none", want: "HTTP 302 Found"},
		{name: "malformed", location: "https://other.example/%zz?" + leak + credential, want: "redirect with a malformed Location header"},
		{name: "credential as host", location: "https://" + credential + "/", want: "redirect to [redacted]", host: "[redacted]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := respond(http.StatusFound, "")
			if tt.location != "" {
				api = respond(http.StatusFound, "", "Location", tt.location)
			}
			err := newClient(t, api).Delete(t.Context(), tokenID)
			checkError(t, "Delete()", err, cftokens.ErrOutcomeUnknown, tt.want)
			checkNoLeak(t, "Delete()", err, leak, credential)
			var apiErr *cftokens.APIError
			if errors.As(err, &apiErr) && apiErr.RedirectHost != tt.host {
				t.Errorf("Delete() error has RedirectHost %q, want %q", apiErr.RedirectHost, tt.host)
			}
		})
	}
}

func TestRedirects_MalformedLocation(t *testing.T) {
	t.Parallel()
	api := respond(http.StatusFound, "", "Location", "https://other.example/%zz")
	_, err := newClient(t, api, cftokens.WithRetryPolicy(retries(2))).Get(t.Context(), tokenID)
	checkError(t, "Get()", err, nil, "")
	api.checkRequests(t, "Get()", 1)
}
