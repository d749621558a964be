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

const day = 24 * time.Hour

// Duration is a [flag.Value] for a duration of at least a second: in days, such as 30d,
// or as [time.ParseDuration] reads it.
type Duration time.Duration

// String returns whole days as days.
func (d *Duration) String() string {
	if days := time.Duration(*d) / day; days > 0 && time.Duration(*d)%day == 0 {
		return strconv.Itoa(int(days)) + "d"
	}
	return time.Duration(*d).String()
}

// Set implements [flag.Value].
func (d *Duration) Set(s string) error {
	duration, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16) // 65,535 days fit in a time.Duration
		duration = time.Duration(n) * day
	}
	if err != nil || duration < time.Second {
		return errors.New("want whole days up to 65535d, such as 30d, or hours, minutes and seconds, such as 1h30m; at least 1s")
	}
	*d = Duration(duration)
	return nil
}
