package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/cftokens/cftokens-go/gen"
)

// baselineClient is a minimal hand-written client: every property is decoded, with no retries,
// limits or validation.
type baselineClient struct {
	http    *http.Client
	baseURL string
}

type envelope[T any] struct {
	Errors, Messages []gen.ResponseInfo
	Result           T
	ResultInfo       gen.ResultInfo `json:"result_info"`
	Success          bool
}

func send[T any](ctx context.Context, c baselineClient, method, path string, body any) (*envelope[T], error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.baseURL+"/user/tokens"+path, content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+credential)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var env envelope[T]
	if err := json.Unmarshal(data, &env); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP %d: %+v", resp.StatusCode, env.Errors)
	}
	return &env, nil
}

func result[T any](env *envelope[T], err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return &env.Result, nil
}

func (c baselineClient) name() string { return "baseline" }

func (c baselineClient) list(ctx context.Context, perPage int, visit func(string, int)) error {
	if perPage == 0 {
		perPage = 50
	}
	for page := 1; ; page++ {
		env, err := send[[]gen.Token](ctx, c, http.MethodGet, fmt.Sprintf("?page=%d&per_page=%d", page, perPage), nil)
		if err != nil {
			return err
		}
		for _, token := range env.Result {
			visit(token.ID, len(token.Policies))
		}
		if page >= env.ResultInfo.TotalPages {
			return nil
		}
	}
}

func (c baselineClient) get(ctx context.Context, id string) (any, error) {
	return result(send[gen.Token](ctx, c, http.MethodGet, "/"+id, nil))
}

func (c baselineClient) create(ctx context.Context) (any, error) {
	return result(send[gen.CreatedToken](ctx, c, http.MethodPost, "", createParams()))
}

func (c baselineClient) verify(ctx context.Context) (any, error) {
	return result(send[gen.Verification](ctx, c, http.MethodGet, "/verify", nil))
}

func (c baselineClient) groups(ctx context.Context) (any, error) {
	return result(send[[]gen.PermissionGroup](ctx, c, http.MethodGet, "/permission_groups", nil))
}
