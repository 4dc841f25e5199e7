package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	blockBytes = 64 << 10
	pageBytes  = 4 << 10
	mib        = 1 << 20
)

func (a *api) hello(x *exchange) error {
	return sendJSON(x.w, http.StatusOK, struct {
		Message  string `json:"message"`
		Compute  string `json:"compute"`
		Instance string `json:"instance"`
		Path     string `json:"path"`
		Served   int64  `json:"served"`
	}{"hello", a.compute, a.instance, x.path, x.served})
}

func (a *api) health(x *exchange) error {
	return sendJSON(x.w, http.StatusOK, struct {
		Status  string `json:"status"`
		Compute string `json:"compute"`
	}{"ok", a.compute})
}

func (a *api) cpu(x *exchange) error {
	ms, err := x.number("ms", 50, 0, 10_000)
	if err != nil {
		return err
	}
	for end := time.Now().Add(milliseconds(ms)); time.Now().Before(end); {
	}
	return sendJSON(x.w, http.StatusOK, struct {
		Compute string `json:"compute"`
		BusyMs  int64  `json:"busyMs"`
	}{a.compute, ms})
}

func (a *api) slow(x *exchange) error {
	ms, err := x.number("ms", 1000, 0, 900_000)
	if err != nil {
		return err
	}
	if err := pause(x.r.Context(), milliseconds(ms)); err != nil {
		return err
	}
	return sendJSON(x.w, http.StatusOK, struct {
		Compute  string `json:"compute"`
		WaitedMs int64  `json:"waitedMs"`
	}{a.compute, ms})
}

func (a *api) stream(x *exchange) error {
	chunks, err := x.number("chunks", 5, 0, 1_000_000)
	if err != nil {
		return err
	}
	everyMs, err := x.number("everyMs", 100, 0, 900_000)
	if err != nil {
		return err
	}
	x.w.Header().Set("Content-Type", "text/plain")
	output := http.NewResponseController(x.w)
	if err := output.Flush(); err != nil || x.r.Method == http.MethodHead {
		return err
	}
	for n := int64(1); n <= chunks; n++ {
		if n > 1 {
			if err := pause(x.r.Context(), milliseconds(everyMs)); err != nil {
				return err
			}
		}
		fmt.Fprintf(x.w, "chunk %d\n", n)
		if err := output.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func (a *api) large(x *exchange) error {
	left, err := x.number("bytes", 2_000_000, 0, 4096*mib)
	if err != nil {
		return err
	}
	x.w.Header().Set("Content-Type", "application/octet-stream")
	x.w.Header().Set("Content-Length", strconv.FormatInt(left, 10))
	if x.r.Method == http.MethodHead {
		return nil
	}
	block := bytes.Repeat([]byte("x"), blockBytes)
	for left > 0 {
		n, err := x.w.Write(block[:min(left, blockBytes)])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	return nil
}

func (a *api) echo(x *exchange) error {
	// Without full duplex, net/http would drop the rest of the body at the first byte of answer.
	output := http.NewResponseController(x.w)
	if err := output.EnableFullDuplex(); err != nil {
		return err
	}
	contentType := x.r.Header.Get("Content-Type")
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	x.w.Header().Set("Content-Type", contentType)
	if x.r.ContentLength >= 0 {
		x.w.Header().Set("Content-Length", strconv.FormatInt(x.r.ContentLength, 10))
	}
	block := make([]byte, blockBytes)
	for {
		n, readErr := x.r.Body.Read(block)
		if _, err := x.w.Write(block[:n]); err != nil {
			return err
		}
		if err := output.Flush(); err != nil {
			return err
		}
		if readErr == io.EOF {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}

// headers lists names in alphabetical order, as net/http does not keep the received one.
func (a *api) headers(x *exchange) error {
	pairs := [][2]string{{"host", x.r.Host}}
	for name, values := range x.r.Header {
		for _, value := range values {
			pairs = append(pairs, [2]string{strings.ToLower(name), value})
		}
	}
	slices.SortStableFunc(pairs, func(one, other [2]string) int {
		return strings.Compare(one[0], other[0])
	})
	return sendJSON(x.w, http.StatusOK, struct {
		Compute string      `json:"compute"`
		Method  string      `json:"method"`
		Path    string      `json:"path"`
		Query   string      `json:"query"`
		Headers [][2]string `json:"headers"`
	}{a.compute, x.r.Method, x.path, x.query, pairs})
}

func (a *api) status(x *exchange) error {
	code, err := x.number("code", http.StatusServiceUnavailable, 200, 599)
	if err != nil {
		return err
	}
	if code == http.StatusNoContent || code == http.StatusNotModified {
		x.w.WriteHeader(int(code))
		return nil
	}
	return sendJSON(x.w, int(code), struct {
		Compute string `json:"compute"`
		Status  int64  `json:"status"`
	}{a.compute, code})
}

func (a *api) holdMemory(x *exchange) error {
	mb, err := x.number("mb", 100, 0, 10_240)
	if err != nil {
		return err
	}
	return sendJSON(x.w, http.StatusOK, struct {
		Compute string `json:"compute"`
		HeldMb  int    `json:"heldMb"`
	}{a.compute, a.hold(int(mb))})
}

// hold keeps mb more MiB, every page of them touched, and says how many are held in all.
func (a *api) hold(mb int) int {
	a.memory.Lock()
	defer a.memory.Unlock()
	for range mb {
		block := make([]byte, mib)
		for i := 0; i < mib; i += pageBytes {
			block[i] = 1
		}
		a.held = append(a.held, block)
	}
	return len(a.held)
}

func (a *api) crash(*exchange) error {
	fmt.Fprintln(os.Stderr, "crashing")
	os.Exit(1)
	return nil
}

func (a *api) env(x *exchange) error {
	name := x.r.URL.Query().Get("name")
	if name != "DEMO_GREETING" && name != "DEMO_SECRET" {
		return a.sendError(x, http.StatusNotFound, "not found")
	}
	var value *string
	if text, found := os.LookupEnv(name); found {
		value = &text
	}
	return sendJSON(x.w, http.StatusOK, struct {
		Compute string  `json:"compute"`
		Name    string  `json:"name"`
		Value   *string `json:"value"`
	}{a.compute, name, value})
}

func (a *api) webSocket(x *exchange) error {
	if !strings.EqualFold(x.r.Header.Get("Upgrade"), "websocket") || x.r.Method != http.MethodGet {
		x.w.Header().Set("Connection", "Upgrade")
		x.w.Header().Set("Upgrade", "websocket")
		return a.sendError(x, http.StatusUpgradeRequired, "upgrade required")
	}
	a.webSockets.Add(1)
	defer a.webSockets.Done()

	// An echo has nothing to protect from other origins.
	conn, err := websocket.Accept(x.w, x.r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return nil // Accept has answered.
	}
	defer conn.CloseNow()
	conn.SetReadLimit(-1) // Messages are copied as they arrive, so their size does not matter.

	keepOpen := context.AfterFunc(a.stopping, func() { conn.Close(websocket.StatusGoingAway, "") })
	defer keepOpen()

	for echoMessage(conn) == nil {
	}
	return nil
}

func echoMessage(conn *websocket.Conn) error {
	kind, message, err := conn.Reader(context.Background())
	if err != nil {
		return err
	}
	answer, err := conn.Writer(context.Background(), kind)
	if err != nil {
		return err
	}
	if _, err := io.Copy(answer, message); err != nil {
		return err
	}
	return answer.Close()
}

// pause waits, unless the client leaves first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func milliseconds(n int64) time.Duration {
	return time.Duration(n) * time.Millisecond
}
