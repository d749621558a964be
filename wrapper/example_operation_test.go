package cftokens_test

import (
	"context"
	"fmt"
	"net/http"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// meter counts requests by operation, and keeps the rate limit that the API reported last.
type meter struct {
	next     http.RoundTripper
	requests map[string]int    // by operation
	limits   map[string]string // by operation
}

func (m *meter) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := m.next.RoundTrip(req)
	if op, ok := cftokens.OperationFromContext(req.Context()); ok {
		m.requests[op.ID]++
		if err == nil {
			m.limits[op.ID] = resp.Header.Get("Ratelimit")
		}
	}
	return resp, err
}

func ExampleOperationFromContext() {
	server := cftokenstest.NewServer()
	defer server.Close()
	m := &meter{http.DefaultTransport, map[string]int{}, map[string]string{}}
	client, err := server.NewClient(cftokens.WithHTTPClient(&http.Client{Transport: m}))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	for range 2 {
		if _, err := client.List(ctx, cftokens.ListOptions{}); err != nil {
			fmt.Println(err)
		}
	}
	if _, err := client.Verify(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(m.requests)
	// Output: map[listTokens:2 verifyToken:1]
}
