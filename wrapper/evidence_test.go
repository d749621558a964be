package cftokens_test

import (
	"testing"
)

func TestCreate_NoConnection(t *testing.T) {}
