module github.com/cftokens/cftokens-go/wrapper/bench

go 1.26.0

require (
	github.com/cftokens/cftokens-go v0.0.0
	github.com/cloudflare/cloudflare-go/v7 v7.10.0
	github.com/hashicorp/go-retryablehttp v0.7.8
)

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/oapi-codegen/nullable v1.2.0 // indirect
	github.com/oapi-codegen/runtime v1.9.0 // indirect
	github.com/tidwall/gjson v1.14.4 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
)

replace github.com/cftokens/cftokens-go => ../..
