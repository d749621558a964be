package cftokenstest

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// pageQuery is the page that a request asks for.
type pageQuery struct{ page, perPage int }

// readPage reads page and per_page.
func readPage(query url.Values, perPage, least, most int) (q pageQuery, problem *response) {
	if q.page, problem = readNumber(query, "page", 1, 1, math.MaxInt32); problem != nil {
		return q, problem
	}
	q.perPage, problem = readNumber(query, "per_page", perPage, least, most)
	return q, problem
}

// readNumber reads a number, which must be whole. The reference says only "number".
func readNumber(query url.Values, name string, def, least, most int) (int, *response) {
	if !query.Has(name) {
		return def, nil
	}
	n, err := strconv.ParseFloat(query.Get(name), 64)
	switch {
	case err != nil || n != math.Trunc(n):
		return 0, invalid(name + " must be a whole number")
	case n < float64(least) && most == math.MaxInt32:
		return 0, invalid(fmt.Sprintf("%s must be at least %d", name, least))
	case n < float64(least) || n > float64(most):
		return 0, invalid(fmt.Sprintf("%s must be between %d and %d", name, least, most))
	}
	return int(n), nil
}

// readChoice reads one of some values, the first of which is the default.
func readChoice(query url.Values, name string, values ...string) (string, *response) {
	if !query.Has(name) {
		return values[0], nil
	}
	value := query.Get(name)
	if !slices.Contains(values, value) {
		return "", invalid(name + " must be one of " + strings.Join(values, ", "))
	}
	return value, nil
}

// bounds returns the first index of the page in a list of n items, and the one after
// the last.
func (q pageQuery) bounds(n int) (from, to int) {
	if q.page-1 > n/q.perPage {
		return n, n
	}
	from = min((q.page-1)*q.perPage, n)
	return from, min(from+q.perPage, n)
}

func (q pageQuery) info(count, total int) *resultInfo {
	return &resultInfo{
		Page: q.page, PerPage: q.perPage, Count: count, TotalCount: total,
		TotalPages: (total + q.perPage - 1) / q.perPage,
	}
}
