package contract_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/contract"
)

// In a test, Transport checks what your client sends and receives. Here, the client is a
// hand-written one, with a mistake.
func ExampleTransport() {
	server := cftokenstest.NewServer() // or a recorded or live API
	defer server.Close()
	client := &http.Client{Transport: contract.Transport(nil, func(violations []contract.Violation) {
		for _, v := range violations {
			fmt.Println(v) // in a test: t.Error(v)
		}
	})}

	req, err := http.NewRequest("POST", server.URL+"/user/tokens", strings.NewReader(`{"name":"deploy","policy":[]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+server.Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err != nil {
		fmt.Println(err)
		return
	}
	// Output: createToken: request: /policy: is not in the document
}

// In CI, a gateway checks programs that cannot be changed, in any language: start it in
// front of the API, or of a fake of it, and set the base URL of the programs to it.
func ExampleTransport_gateway() {
	api := cftokenstest.NewServer()
	defer api.Close()
	// Cloudflare announced new properties several times.
	api.Inject(cftokenstest.Fault{Operation: "verifyToken", Body: `{"success":true,"errors":[],"result":{"id":"1","status":"active","owner":"user@example.com"}}`})
	target, err := url.Parse(api.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	gateway := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: contract.Transport(nil, func(violations []contract.Violation) {
			for _, v := range violations {
				fmt.Println(v)
			}
		}),
	})
	defer gateway.Close()

	// The program.
	client, err := cftokens.NewClient(api.Token, cftokens.WithBaseURL(gateway.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	verification, err := client.Verify(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the program got:", verification.Status)
	// Output:
	// verifyToken: response 200: /result/owner: is not in the document
	// the program got: active
}

// Check checks a single exchange, such as one that another program recorded.
func ExampleCheck() {
	req := httptest.NewRequest("GET", "https://api.cloudflare.com/client/v4/user/tokens/verify", nil)
	req.Header.Set("Authorization", "Bearer example")
	resp := &http.Response{
		StatusCode: 200,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(`{"success":true,"errors":[],"result":{"id":"1","status":"paused"}}`)),
	}
	for _, v := range contract.Check(req, resp) {
		fmt.Println(v)
	}
	// Output:
	// verifyToken: response 200: /result/status: must be one of ["active","disabled","expired","revoked (exposed)"]
}
