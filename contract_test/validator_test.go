package contract_test

import (
	"testing"

	openapi "github.com/cftokens/cftokens-go"
	"github.com/cftokens/cftokens-go/internal/strict"
)

// validator compares exchanges with a document.
type validator struct{ *strict.Document }

// document returns a validator for openapi.yaml, which is parsed once.
func document() *validator { return &validator{strict.Default()} }

// changeable returns a validator for a copy of openapi.yaml that the test can modify.
func changeable(t testing.TB) *validator {
	t.Helper()
	d, err := strict.Parse(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	return &validator{d}
}

// check returns the violations in the request and in the response of an exchange. They are
// separate because the tests expect some requests and some responses to be rejected.
func (v *validator) check(e *exchange) (request, response []string) {
	resp := e.response()
	if e.Response.Status == 0 {
		resp = nil
	}
	for _, violation := range v.Check(e.request(), strict.Body{Data: e.Request.Body}, resp, strict.Body{Data: e.body()}) {
		if violation.Status == 0 {
			request = append(request, violation.String())
		} else {
			response = append(response, violation.String())
		}
	}
	return request, response
}
