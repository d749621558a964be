// A third-party module, which contains the programs of the README.
module example.com/consumer

go 1.26.0

replace github.com/cftokens/cftokens-go => ../../..

require github.com/cftokens/cftokens-go v0.0.0-00010101000000-000000000000

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/oapi-codegen/nullable v1.2.0 // indirect
	github.com/oapi-codegen/runtime v1.9.0 // indirect
)
