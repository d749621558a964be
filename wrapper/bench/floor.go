package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/cftokens/cftokens-go/gen"
)

// floor is the least code that a person would write: no retries, no checks, no
// limits, and every property decoded.
type floor struct {
	http    *http.Client
	baseURL string
}

func send[T any](ctx context.Context, f floor, method, path string, body any) (*T, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, f.baseURL+"/user/tokens"+path, content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+credential)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := f.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		var failure gen.ErrorEnvelope
		if err := json.Unmarshal(data, &failure); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("HTTP %d: %+v", resp.StatusCode, failure.Errors)
	}
	var envelope T
	if err := json.Unmarshal(data, &envelope); err != nil {
		return nil, err
	}
	return &envelope, nil
}

func (f floor) list(ctx context.Context, perPage int) (tokens int, err error) {
	if perPage == 0 {
		perPage = 50
	}
	for page := 1; ; page++ {
		env, err := send[gen.TokenListEnvelope](ctx, f, http.MethodGet, fmt.Sprintf("?page=%d&per_page=%d", page, perPage), nil)
		if err != nil {
			return 0, err
		}
		for _, token := range env.Result {
			if len(token.Policies) == 2 {
				tokens++
			}
		}
		if page >= env.ResultInfo.TotalPages {
			return tokens, nil
		}
	}
}

func (f floor) get(ctx context.Context, id string) (string, error) {
	env, err := send[gen.TokenEnvelope](ctx, f, http.MethodGet, "/"+id, nil)
	if err != nil {
		return "", err
	}
	return env.Result.Name, nil
}

func (f floor) create(ctx context.Context) (string, error) {
	env, err := send[gen.CreatedTokenEnvelope](ctx, f, http.MethodPost, "", wanted())
	if err != nil {
		return "", err
	}
	return env.Result.Value.Reveal(), nil
}

func (f floor) verify(ctx context.Context) (string, error) {
	env, err := send[gen.VerificationEnvelope](ctx, f, http.MethodGet, "/verify", nil)
	if err != nil {
		return "", err
	}
	return string(env.Result.Status), nil
}

func (f floor) groups(ctx context.Context) (int, error) {
	env, err := send[gen.PermissionGroupListEnvelope](ctx, f, http.MethodGet, "/permission_groups", nil)
	if err != nil {
		return 0, err
	}
	return len(env.Result), nil
}
