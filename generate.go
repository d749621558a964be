// Package openapi is the root of cftokens-go, a client for Cloudflare's user API
// token endpoints that is generated from one OpenAPI document.
//
// What lies where:
//
//   - openapi.yaml: the document, kept by hand, the source of truth.
//   - gen: types and HTTP client generated from it. Not for import by others.
//   - wrapper: package cftokens, the library. This is what programs import.
//   - wrapper/resource, wrapper/secret: the types that the generated ones use for
//     a policy's resources and for values that must not be printed.
//   - wrapper/cftokenstest: a fake of the API for tests.
//   - contract_test: recorded answers of the API, held against the document.
//
// The package itself holds only [Document], for tests of other projects.
package openapi

import _ "embed"

//go:generate go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml
//go:generate go tool oapi-codegen -config wrapper/oapi-codegen.yaml openapi.yaml

// Document is openapi.yaml as it stood when this module was built: an OpenAPI
// 3.0.3 document in YAML. Callers must not change it.
//
//go:embed openapi.yaml
var Document []byte
