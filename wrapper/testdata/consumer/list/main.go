package main

import (
	"context"
	"fmt"
	"log"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func main() {
	client, err := cftokens.NewClientFromEnv() // CLOUDFLARE_API_TOKEN
	if err != nil {
		log.Fatal(err)
	}
	for token, err := range client.All(context.Background(), cftokens.ListOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(token.ID, token.Status, token.Name)
	}
}
