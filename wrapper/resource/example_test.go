package resource_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cftokens/cftokens-go/wrapper/resource"
)

func ExampleOf() {
	m := resource.Of(resource.ZonesIn(id), resource.Zone("ffeeddccbbaa99887766554433221100"))
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
	// Output:
	// {
	//   "com.cloudflare.api.account.00112233445566778899aabbccddeeff": {
	//     "com.cloudflare.api.account.zone.*": "*"
	//   },
	//   "com.cloudflare.api.account.zone.ffeeddccbbaa99887766554433221100": "*"
	// }
}

// An invalid ID is reported when the resources are encoded, so nothing is sent.
func ExampleOf_unusable() {
	_, err := json.Marshal(resource.Of(resource.Zone("*")))
	fmt.Println(errors.Unwrap(err))
	// Output:
	// resource: Zone: ID contains "*"; use the function for all resources of the kind, such as AllZones or R2BucketsIn
}

func ExampleMap_Has() {
	var m resource.Map // as in a policy of a token
	if err := json.Unmarshal([]byte(`{"com.cloudflare.api.account.zone.*":"*"}`), &m); err != nil {
		panic(err)
	}
	fmt.Println(m.Has(resource.AllZones()), m.Has(resource.AllAccounts()))
	// Output: true false
}
