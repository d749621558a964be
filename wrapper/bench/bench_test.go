package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRows: every client does every call that is measured, in memory and over a
// connection, and comes to the same.
func TestRows(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&api{tokens: 1000})
	t.Cleanup(server.Close)
	for baseURL, c := range map[string]*http.Client{
		"https://api.example.com/client/v4": {Transport: &api{tokens: 1000}},
		server.URL + "/client/v4":           server.Client(),
	} {
		clients, err := newClients(baseURL, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			for _, c := range clients {
				if err := r.call(t.Context(), c); err != nil {
					t.Errorf("%s by %T at %s: %v", r.name, c, baseURL, err)
				}
			}
		}
		for _, c := range clients {
			if _, err := c.get(t.Context(), unknownID); err == nil || !strings.Contains(err.Error(), "404") {
				t.Errorf("the error answer by %T at %s is measured as: %v", c, baseURL, err)
			}
		}
	}
}

// TestRequests: a list costs this client no request beyond the last page.
func TestRequests(t *testing.T) {
	t.Parallel()
	for tokens, want := range map[int]int64{0: 1, 1: 1, 20: 1, 50: 1, 51: 2, 100: 2, 1000: 20} {
		t.Run(fmt.Sprintf("%d tokens", tokens), func(t *testing.T) {
			t.Parallel()
			counts, err := requests(t.Context(), tokens)
			if err != nil {
				t.Fatal(err)
			}
			if counts[0] != want {
				t.Errorf("%d requests, want %d", counts[0], want)
			}
		})
	}
}
