package cftokens

import (
	"fmt"
	"iter"
	"net/http"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Info is what the API says of the page. It may be zero, and was seen to
	// contradict itself; Next knows.
	Info ResultInfo

	number, asked int // page and items a page that were asked for; 0: not
}

// newPage is the page that was asked for by number, by default the first. The
// number that the answer tells may be 0.
func newPage[T any](items []T, info ResultInfo, number, asked int) *Page[T] {
	return &Page[T]{Items: items, Info: info, number: max(number, 1), asked: asked}
}

// Next returns the number of the page after this one, and whether there is one.
// There is where the API's totals say so; where it gives no totals, after a page
// that is full. An empty page is the last.
func (p *Page[T]) Next() (page int, ok bool) {
	items := len(p.Items)
	if items == 0 {
		return 0, false
	}
	number := p.number
	if number == 0 {
		number = max(p.Info.Page, 1)
	}
	size := p.Info.PerPage
	if size <= 0 || p.asked > 0 && size > p.asked {
		size = p.asked
	}
	size = max(size, items)
	if p.Info.TotalPages > 0 || p.Info.TotalCount > 0 {
		// Where the two disagree, one more request costs less than a lost item.
		ok = p.Info.TotalPages > number || p.Info.TotalCount > (number-1)*size+items
	} else {
		// More items than fit on a page mean that the API did not divide the list.
		ok = items == size && (p.asked == 0 || items <= p.asked)
	}
	if !ok {
		return 0, false
	}
	return number + 1, true
}

// pages ranges over the items of pages from first on. All state lives in the
// iterator function, so that a sequence can be ranged over again. The id of a
// page's first item tells pages apart: a server that repeats one would otherwise
// be asked for ever.
func pages[T any](op operation, first int, id func(*T) string, fetch func(page int) (*Page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		seen := map[string]int{}
		for number, more := first, true; more; {
			page, err := fetch(number)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page.Items) > 0 {
				firstID := id(&page.Items[0])
				if earlier, ok := seen[firstID]; ok {
					yield(nil, &DecodeError{
						Operation: op.id, StatusCode: http.StatusOK,
						Err: fmt.Errorf("page %d of the list repeats page %d", number, earlier),
					})
					return
				}
				seen[firstID] = max(number, 1)
			}
			for i := range page.Items {
				if !yield(&page.Items[i], nil) {
					return
				}
			}
			number, more = page.Next()
		}
	}
}
