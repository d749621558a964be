package cli

import (
	"errors"
	"flag"
	"os"
	"strconv"
	"strings"
	"time"
)

// ID defines a flag for an ID.
func ID(flags *flag.FlagSet, name, usage string) *string {
	var id string
	flags.Func(name, usage, func(s string) error {
		id = s
		return checkID(s)
	})
	return &id
}

// IDs defines a flag for an ID that can be given several times.
func IDs(flags *flag.FlagSet, name, usage string) *[]string {
	var ids []string
	flags.Func(name, usage, func(s string) error {
		ids = append(ids, s)
		return checkID(s)
	})
	return &ids
}

func checkID(s string) error {
	if len(s) != 32 || strings.Trim(s, "0123456789abcdefABCDEF") != "" {
		return errors.New("want an ID of 32 hexadecimal digits, not a name")
	}
	return nil
}

// Account defines the flag -account. An empty one overrides the environment.
func Account(flags *flag.FlagSet) *string {
	account := os.Getenv("CLOUDFLARE_ACCOUNT_ID")
	flags.Func("account", "`ID` of the account that owns the tokens, default CLOUDFLARE_ACCOUNT_ID; if empty, user tokens are used",
		func(s string) error {
			account = s
			if s == "" {
				return nil
			}
			return checkID(s)
		})
	return &account
}

// Duration defines a flag for a duration of at least a second: in days, such as 30d, or as
// [time.ParseDuration] reads it. Usage names the default.
func Duration(flags *flag.FlagSet, name string, value time.Duration, usage string) *time.Duration {
	flags.Func(name, usage, func(s string) (err error) {
		value, err = time.ParseDuration(s)
		if days, ok := strings.CutSuffix(s, "d"); ok {
			var n uint64
			n, err = strconv.ParseUint(days, 10, 16) // 65,535 days fit in a time.Duration
			value = time.Duration(n) * 24 * time.Hour
		}
		if err != nil || value < time.Second {
			return errors.New("want whole days up to 65535d, such as 30d, or hours, minutes and seconds, such as 1h30m; at least 1s")
		}
		return nil
	})
	return &value
}
