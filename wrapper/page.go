package cftokens

import (
	"fmt"
	"iter"
	"net/http"

	"github.com/cftokens/cftokens-go/gen"
)

// A Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Info is the API's result_info. It may be missing or inconsistent; Next accounts
	// for that.
	Info ResultInfo

	page, requested int // page and items per page that were requested; 0: the default
}

// newPage returns the requested page. The page number in the response may be 0.
func newPage[T any](items []T, info ResultInfo, page, requested int) *Page[T] {
	return &Page[T]{Items: items, Info: info, page: max(page, 1), requested: requested}
}

// Next returns the number of the next page, if there is one. It relies on the API's
// totals and, if there are none, assumes that a full page is followed by another. An
// empty page is the last.
func (p *Page[T]) Next() (page int, ok bool) {
	if !p.more(p.offset()) {
		return 0, false
	}
	return p.number() + 1, true
}

func (p *Page[T]) number() int {
	if p.page == 0 {
		return max(p.Info.Page, 1)
	}
	return p.page
}

// offset returns the number of items on the pages before this one, assuming that they
// were full. A server may cap the page size below what was requested, without saying so
// in per_page. If per_page is missing, or contradicts the total, this page is assumed to
// be full: an extra request is better than a lost item.
func (p *Page[T]) offset() int {
	before := p.number() - 1
	if n := before * p.size(); p.Info.PerPage > 0 && n+len(p.Items) <= p.Info.TotalCount {
		return n
	}
	return before * len(p.Items)
}

// size returns how many items fit on a page.
func (p *Page[T]) size() int {
	size := p.Info.PerPage
	if size <= 0 || p.requested > 0 && size > p.requested {
		size = p.requested
	}
	return max(size, len(p.Items))
}

// more reports whether items follow this page. before is the number of items on the
// pages before it.
func (p *Page[T]) more(before int) bool {
	items := len(p.Items)
	switch {
	case items == 0:
		return false
	case p.Info.TotalPages > 0 || p.Info.TotalCount > 0:
		// The two may disagree.
		return p.Info.TotalPages > p.number() || p.Info.TotalCount > before+items
	}
	// More items than fit on a page mean that the API did not divide the list.
	return items == p.size() && (p.requested == 0 || items <= p.requested)
}

// pages returns an iterator over the items of the pages from first on. All state lives
// in the iterator function, so that the iterator can be reused. Pages are identified by
// the ID of their first item; otherwise a server that repeats a page would cause an
// infinite loop.
func pages[T any](op *gen.Operation, first int, id func(*T) string, fetch func(page int) (*Page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		seen := map[string]int{}
		before := -1 // number of items on earlier pages, unknown at first
		for number, more := first, true; more; {
			page, err := fetch(number)
			if err != nil {
				yield(nil, withPrefix(op.ID, err))
				return
			}
			number = page.number()
			if len(page.Items) > 0 {
				firstID := id(&page.Items[0])
				if earlier, ok := seen[firstID]; ok {
					yield(nil, withPrefix(op.ID, &DecodeError{
						Operation: op.ID, StatusCode: http.StatusOK,
						Err: fmt.Errorf("page %d of the list repeats page %d", number, earlier),
					}))
					return
				}
				seen[firstID] = number
			}
			for i := range page.Items {
				if !yield(&page.Items[i], nil) {
					return
				}
			}
			if before < 0 {
				before = (number - 1) * len(page.Items) // a lower bound, because per_page may be wrong
			}
			more = page.more(before)
			before += len(page.Items)
			number++
		}
	}
}
