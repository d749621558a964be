package main

import (
	"context"
	"fmt"
	"log"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

func main() {
	client, err := cftokens.NewClientFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	groups, err := client.FindPermissionGroups(context.Background(), cftokens.ScopeAccountZone, "DNS Write", "Zone Read")
	if err != nil {
		log.Fatal(err)
	}
	zone := resource.Of(resource.Zone("eb78d65290b24279ba6f44721b3ea3c4"))
	created, err := client.Create(context.Background(), cftokens.TokenCreate{
		Name: "example.com DNS", ExpiresOn: new(time.Now().AddDate(0, 0, 90)),
		Policies: []cftokens.Policy{{Effect: cftokens.EffectAllow, PermissionGroups: groups, Resources: zone}},
	})
	if created != nil { // even with an error, if the value arrived
		fmt.Println(created.ID, created.Value.Reveal())
	}
	if err != nil {
		log.Fatal(err)
	}
}
