package secret_test

import (
	"fmt"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

func ExampleValue() {
	token := secret.New("EXAMPLE-token")
	fmt.Println(token)
	fmt.Println(len(token.Reveal()))
	// Output:
	// [redacted]
	// 13
}
