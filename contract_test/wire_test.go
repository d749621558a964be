package contract_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
)

// wire is a transport that records requests for operations of the document, and the
// responses, as exchanges.
type wire struct {
	next      http.RoundTripper
	exchanges []*exchange
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	op, _, _, problem := document().Find(req)
	if op == nil {
		return nil, errors.New(problem)
	}
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))

	_, path, _ := strings.Cut(req.URL.Path, "/client/v4")
	e := &exchange{operation: op.OperationID, Source: "fake", name: req.Method + " " + req.URL.RequestURI()}
	e.Request.Method, e.Request.Path, e.Request.Body = req.Method, path, sent
	e.Request.Query = map[string]string{}
	for name, values := range req.URL.Query() {
		e.Request.Query[name] = values[0]
	}
	e.Response.Status, e.Response.Body = resp.StatusCode, body
	e.Response.Headers = map[string]string{}
	for name := range resp.Header {
		e.Response.Headers[strings.ToLower(name)] = resp.Header.Get(name)
	}
	w.exchanges = append(w.exchanges, e)
	return resp, nil
}
