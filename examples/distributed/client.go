package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/opikgen/opikgen/runtime/opikhttp"
)

// weather is what a server knows of a city.
type weather struct {
	City    string `json:"city"`
	Celsius int    `json:"celsius"`
}

// ask prints which of some cities is the warmest.
func ask(ctx context.Context, server string, out io.Writer) error {
	// All that tracing asks of the client: a transport that sends along where the call is.
	client := &http.Client{Transport: opikhttp.Transport(http.DefaultTransport, opikhttp.Options{})}
	defer client.CloseIdleConnections()
	warmest, err := warmestTracked(ctx, client, server, []string{"Porto", "Bergen", "Quito"})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The warmest is %s, at %d degrees.\n", warmest.City, warmest.Celsius)
	return nil
}

// warmest asks for all cities at a time.
//
//opik:track ignore_arguments=client
func warmest(ctx context.Context, client *http.Client, server string, cities []string) (best weather, err error) {
	answers, failures := make([]weather, len(cities)), make([]error, len(cities))
	var asking sync.WaitGroup
	for i, city := range cities {
		asking.Go(func() { answers[i], failures[i] = get(ctx, client, server+"/weather/"+url.PathEscape(city)) })
	}
	asking.Wait()
	for i, answer := range answers {
		if failures[i] != nil {
			return weather{}, failures[i]
		}
		if i == 0 || answer.Celsius > best.Celsius {
			best = answer
		}
	}
	return best, nil
}

// get makes one request.
func get(ctx context.Context, client *http.Client, address string) (answer weather, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return weather{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return weather{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return weather{}, fmt.Errorf("%s answered %s", address, response.Status)
	}
	return answer, json.NewDecoder(response.Body).Decode(&answer)
}
