// Package openapi is the root of cftokens-go, a client for Cloudflare's API token
// endpoints that is generated from one OpenAPI document.
//
// Layout:
//
//   - openapi.yaml: the document, maintained by hand. It is the source of truth.
//   - gen: requests, operation table and types generated from it.
//   - wrapper: package cftokens, the library, for programs to import.
//   - wrapper/resource, wrapper/secret: types for a policy's resources and for secrets.
//   - wrapper/cftokenstest: a fake of the API for tests.
//   - wrapper/contract: checks HTTP exchanges against the document, for tests and gateways.
//   - internal/strict: the check itself.
//   - contract_test: what is publicly known of the API's requests and responses, and the
//     tests that compare the document, the library and the fake with it.
//
// Types are generated twice, into gen with every member of requests and responses, and into
// wrapper as users see them, so that gen can change without breaking them.
//
// This package contains only [Document], for tests in other projects.
package openapi

import _ "embed"

//go:generate go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml
//go:generate go tool oapi-codegen -config wrapper/oapi-codegen.yaml openapi.yaml

// Document is the embedded openapi.yaml, an OpenAPI 3.0.3 document. It must not be
// modified.
//
//go:embed openapi.yaml
var Document []byte
