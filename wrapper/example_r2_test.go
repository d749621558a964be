package cftokens_test

import (
	"context"
	"fmt"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// This creates a token that may read and write one R2 bucket, and prints what an S3 client
// needs to use it.
func ExampleS3Credentials() {
	server := cftokenstest.NewServer()
	defer server.Close()
	user, err := server.NewClient()
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	client, err := user.Account(server.AccountID)
	if err != nil {
		fmt.Println(err)
		return
	}
	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeR2Bucket,
		"Workers R2 Storage Bucket Item Read", "Workers R2 Storage Bucket Item Write")
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := client.Create(ctx, cftokens.TokenCreate{Name: "backup", Policies: []cftokens.Policy{{
		Effect:           cftokens.EffectAllow,
		PermissionGroups: groups,
		Resources:        resource.Of(resource.R2Bucket(server.AccountID, "", "backups")),
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	accessKeyID, secretAccessKey := cftokens.S3Credentials(token.ID, token.Value)
	fmt.Printf("endpoint:          https://%s.r2.cloudflarestorage.com\n", server.AccountID)
	fmt.Println("region:            auto")
	fmt.Println("access key ID:    ", accessKeyID)
	fmt.Println("secret access key:", secretAccessKey)
	// Reveal returns the string for the S3 client. Do not print it.
	fmt.Println("its length:       ", len(secretAccessKey.Reveal()))
	// Output:
	// endpoint:          https://cd3d4eb485fd695f47e562af6c692c12.r2.cloudflarestorage.com
	// region:            auto
	// access key ID:     d8fb3b5f55a1c8529b592c20fc9140d1
	// secret access key: [redacted]
	// its length:        64
}
