package resource_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/resource"
)

const id = "00112233445566778899aabbccddeeff"

func TestOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rs   []resource.Resource
		want string
	}{
		{"nothing", nil, `{}`},
		{"account", []resource.Resource{resource.Account(id)}, `{"com.cloudflare.api.account.` + id + `":"*"}`},
		{"all accounts", []resource.Resource{resource.AllAccounts()}, `{"com.cloudflare.api.account.*":"*"}`},
		{"zone", []resource.Resource{resource.Zone(id)}, `{"com.cloudflare.api.account.zone.` + id + `":"*"}`},
		{"all zones", []resource.Resource{resource.AllZones()}, `{"com.cloudflare.api.account.zone.*":"*"}`},
		{"zones in an account", []resource.Resource{resource.ZonesIn(id)}, `{"com.cloudflare.api.account.` + id + `":{"com.cloudflare.api.account.zone.*":"*"}}`},
		{"user", []resource.Resource{resource.User(id)}, `{"com.cloudflare.api.user.` + id + `":"*"}`},
		{"R2 bucket", []resource.Resource{resource.R2Bucket(id, "eu", "b")}, `{"com.cloudflare.edge.r2.bucket.` + id + `_eu_b":"*"}`},
		{"R2 bucket without a jurisdiction", []resource.Resource{resource.R2Bucket(id, "", "b")}, `{"com.cloudflare.edge.r2.bucket.` + id + `_default_b":"*"}`},
		{"R2 buckets in an account", []resource.Resource{resource.R2BucketsIn(id)}, `{"com.cloudflare.api.account.` + id + `":{"com.cloudflare.edge.r2.bucket.*":"*"}}`},
		{"Worker", []resource.Resource{resource.Worker("a", id)}, `{"com.cloudflare.api.account.a":{"com.cloudflare.edge.worker.script.` + id + `":"*"}}`},
		{"other name", []resource.Resource{resource.Named("a.b")}, `{"a.b":"*"}`},
		{"other nested names", []resource.Resource{resource.Named("a.b", "c", "d")}, `{"a.b":{"c":"*","d":"*"}}`},
		{"several", []resource.Resource{resource.Zone("a"), resource.Zone("b"), resource.Zone("a")}, `{"com.cloudflare.api.account.zone.a":"*","com.cloudflare.api.account.zone.b":"*"}`},
		{"nested in the same", []resource.Resource{resource.ZonesIn("a"), resource.R2BucketsIn("a")}, `{"com.cloudflare.api.account.a":{"com.cloudflare.api.account.zone.*":"*","com.cloudflare.edge.r2.bucket.*":"*"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(resource.Of(tt.rs...))
			if err != nil {
				t.Fatalf("Marshal() error = %v", err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("Marshal() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOf_ArgumentsUnchanged(t *testing.T) {
	t.Parallel()
	zones := resource.ZonesIn("a")
	resource.Of(zones, resource.R2BucketsIn("a"))
	if got := len(resource.Of(zones)["com.cloudflare.api.account.a"].Nested()); got != 1 {
		t.Errorf("Of() left %d nested names in its argument, want 1", got)
	}
}

func TestMap_Has(t *testing.T) {
	t.Parallel()
	m := resource.Of(resource.AllZones(), resource.Zone("a"), resource.ZonesIn("b"), resource.R2BucketsIn("b"), resource.Zone("*"))
	for _, tt := range []struct {
		name string
		r    resource.Resource
		want bool
	}{
		{"all zones", resource.AllZones(), true},
		{"zone", resource.Zone("a"), true},
		{"another zone", resource.Zone("b"), false},
		{"zones in an account", resource.ZonesIn("b"), true},
		{"buckets in an account", resource.R2BucketsIn("b"), true},
		{"both", resource.Named("com.cloudflare.api.account.b", "com.cloudflare.api.account.zone.*", "com.cloudflare.edge.r2.bucket.*"), true},
		{"one too many", resource.Named("com.cloudflare.api.account.b", "com.cloudflare.api.account.zone.*", "x"), false},
		{"Worker in an account", resource.Worker("b", id), false},
		{"the account itself", resource.Account("b"), false},
		{"invalid resource", resource.Zone("*"), false},
		{"zero resource", resource.Resource{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := m.Has(tt.r); got != tt.want {
				t.Errorf("Has() = %v, want %v", got, tt.want)
			}
		})
	}
	decoded := resource.Map{}
	if err := json.Unmarshal([]byte(`{"com.cloudflare.api.account.a":{"com.cloudflare.api.account.zone.*":"read"},"com.cloudflare.api.user.u":"*","x":null}`), &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.Has(resource.ZonesIn("a")) || decoded.Has(resource.Named("x")) || !decoded.Has(resource.User("u")) || resource.Map(nil).Has(resource.AllZones()) {
		t.Errorf("Has() of %v: want only the user", decoded)
	}
}

func TestMap_Invalid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		m    resource.Map
		want string
	}{
		{"empty account", resource.Of(resource.Account("")), "Account: ID is empty"},
		{"empty zone", resource.Of(resource.Zone("")), "Zone: ID is empty"},
		{"zone as an account", resource.Of(resource.Account("zone.a")), "Account: ID contains \".\""},
		{"domain name as a zone", resource.Of(resource.Zone("example.com")), `Zone: ID contains "."; give the ID, not a name`},
		{"all zones by accident", resource.Of(resource.Zone("*")), "Zone: ID contains \"*\""},
		{"white space", resource.Of(resource.User(" a")), "User: ID contains white space"},
		{"control character", resource.Of(resource.ZonesIn("a\x7f")), "ZonesIn: account ID contains white space or control"},
		{"no-break space", resource.Of(resource.Zone("a\u00a0")), "Zone: ID contains white space"},
		{"zero-width space", resource.Of(resource.Zone("\u200ba")), "Zone: ID contains white space"},
		{"not UTF-8", resource.Of(resource.Zone("a\xff")), "Zone: ID contains white space"},
		{"control character in a name", resource.Of(resource.Named("a\n")), "Named: a name is empty or contains white space"},
		{"nested in an empty account", resource.Of(resource.R2BucketsIn("")), "R2BucketsIn: account ID is empty"},
		{"bucket without an account", resource.Of(resource.R2Bucket("", "", "b")), "R2Bucket: account ID is empty"},
		{"bucket without a name", resource.Of(resource.R2Bucket("a", "", "")), "R2Bucket: bucket is empty"},
		{"all buckets by accident", resource.Of(resource.R2Bucket("a", "", "*")), `R2Bucket: bucket contains "*"; use the function for all resources of the kind, such as AllZones or R2BucketsIn`},
		{"underscore in the jurisdiction", resource.Of(resource.R2Bucket("acc", "eu_default", "b")), "R2Bucket: account ID or jurisdiction contains an underscore"},
		{"underscore in the account ID", resource.Of(resource.R2Bucket("acc_eu", "", "b")), "R2Bucket: account ID or jurisdiction contains an underscore"},
		{"odd jurisdiction", resource.Of(resource.R2Bucket("a", "*", "b")), "R2Bucket: jurisdiction contains \"*\""},
		{"Worker without a tag", resource.Of(resource.Worker("a", "")), "Worker: script tag is empty"},
		{"name of a Worker", resource.Of(resource.Worker("a", "my-worker")), "Worker: script tag is not 32 hexadecimal digits; give the script's tag, not its name"},
		{"long name of a Worker", resource.Of(resource.Worker("a", "a-worker-with-a-name-of-32-chars")), "Worker: script tag is not 32 hexadecimal digits"},
		{"all Workers by accident", resource.Of(resource.Worker("a", "*")), "Worker: script tag contains \"*\""},
		{"Worker without an account", resource.Of(resource.Worker("", id)), "Worker: account ID is empty"},
		{"empty name", resource.Of(resource.Named("")), "Named: a name is empty"},
		{"empty nested name", resource.Of(resource.Named("a", "")), "Named: a name is empty"},
		{"whole and nested", resource.Of(resource.Account("a"), resource.ZonesIn("a")), "com.cloudflare.api.account.a is granted both directly"},
		{"nested and whole", resource.Of(resource.ZonesIn("a"), resource.Account("a"), resource.ZonesIn("a")), "com.cloudflare.api.account.a is granted both directly"},
		{"first of two problems", resource.Of(resource.Zone(""), resource.Zone("*")), "Zone: ID is empty"},
		{"zero resource", resource.Of(resource.Resource{}), "empty permission"},
		{"zero value", resource.Map{"a": {}}, "empty permission"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := json.Marshal(tt.m)
			if err == nil || !strings.Contains(err.Error(), "resource: "+tt.want) {
				t.Errorf("Marshal() error = %v, want it to contain %q", err, tt.want)
			}
			for _, v := range tt.m {
				if got := v.String(); !strings.Contains(got, tt.want) {
					t.Errorf("String() = %q, want it to contain %q", got, tt.want)
				}
				if err := v.Err(); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Err() = %v, want it to contain %q", err, tt.want)
				}
			}
		})
	}
}
