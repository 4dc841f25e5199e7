package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

var errBadNumber = errors.New("bad number")

type api struct {
	compute  string
	instance string
	routes   map[string]route
	stopping context.Context // done when the process has been told to stop
	served   atomic.Int64

	webSockets sync.WaitGroup

	memory sync.Mutex
	held   [][]byte
}

// A route answers one path. It returns errBadNumber for a query it cannot use, and any other
// error when the client has gone.
type route struct {
	methods []string
	run     func(*exchange) error
}

// An exchange is one request and its answer.
type exchange struct {
	w      http.ResponseWriter
	r      *http.Request
	path   string
	query  string
	served int64 // how many requests the process has had, this one included
}

func newAPI(stopping context.Context) *api {
	a := &api{compute: findCompute(), instance: randomID(), stopping: stopping}
	get, post := []string{http.MethodGet, http.MethodHead}, []string{http.MethodPost}
	a.routes = map[string]route{
		"/":        {get, a.hello},
		"/hello":   {get, a.hello},
		"/health":  {get, a.health},
		"/cpu":     {get, a.cpu},
		"/slow":    {get, a.slow},
		"/stream":  {get, a.stream},
		"/large":   {get, a.large},
		"/echo":    {post, a.echo},
		"/headers": {get, a.headers},
		"/status":  {get, a.status},
		"/memory":  {get, a.holdMemory},
		"/crash":   {get, a.crash},
		"/env":     {get, a.env},
		"/ws":      {get, a.webSocket},
	}
	return a
}

func findCompute() string {
	switch {
	case os.Getenv("AWS_LAMBDA_FUNCTION_NAME") != "":
		return "lambda"
	case os.Getenv("AWS_EXECUTION_ENV") == "AWS_ECS_FARGATE":
		return "fargate"
	default:
		return "local"
	}
}

func randomID() string {
	id := make([]byte, 4)
	rand.Read(id)
	return hex.EncodeToString(id)
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	x := &exchange{w: w, r: r, path: path, query: query}
	name := routeName(path)
	if name != "/health" {
		x.served = a.served.Add(1)
	}

	found, ok := a.routes[name]
	if !ok {
		a.sendError(x, http.StatusNotFound, "not found")
		return
	}
	if !slices.Contains(found.methods, r.Method) {
		w.Header().Set("Allow", strings.Join(found.methods, ", "))
		a.sendError(x, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	if err := found.run(x); errors.Is(err, errBadNumber) {
		a.sendError(x, http.StatusBadRequest, "bad number")
	} else if err != nil {
		panic(http.ErrAbortHandler) // Nobody is left to answer: close the connection.
	}
}

// routeName is the path without a leading /lambda or /fargate.
func routeName(path string) string {
	for _, prefix := range []string{"/lambda", "/fargate"} {
		rest, found := strings.CutPrefix(path, prefix)
		if found && rest == "" {
			return "/"
		}
		if found && rest[0] == '/' {
			return rest
		}
	}
	return path
}

// number reads a whole number from the query.
func (x *exchange) number(name string, fallback, lowest, highest int64) (int64, error) {
	values, err := url.ParseQuery(x.query)
	if err != nil {
		return 0, errBadNumber
	}
	if !values.Has(name) {
		return fallback, nil
	}
	value, err := strconv.ParseUint(values.Get(name), 10, 63)
	if err != nil || int64(value) < lowest || int64(value) > highest {
		return 0, errBadNumber
	}
	return int64(value), nil
}

func sendJSON(w http.ResponseWriter, code int, fields any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(fields); err != nil {
		return err
	}
	body.Truncate(body.Len() - 1) // Encode ends with a newline.
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(code)
	_, err := w.Write(body.Bytes())
	return err
}

func (a *api) sendError(x *exchange, code int, text string) error {
	return sendJSON(x.w, code, struct {
		Error   string `json:"error"`
		Compute string `json:"compute"`
		Path    string `json:"path"`
	}{text, a.compute, x.path})
}
