// The demo API on net/http, with coder/websocket for the WebSocket: a few answers and a few
// kinds of load. This file starts and stops the server, api.go chooses the route, routes.go
// answers. ../README.md has the contract that this version shares with the Node and Python ones.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	keepAlive = 75 * time.Second
	grace     = 9 * time.Second
)

func main() {
	stopping, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	port := cmp.Or(os.Getenv("PORT"), "8080")
	listener, err := net.Listen("tcp", net.JoinHostPort("0.0.0.0", port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)

	api := newAPI(stopping)
	server := &http.Server{Handler: api, IdleTimeout: keepAlive}
	go func() {
		if err := server.Serve(listener); err != http.ErrServerClosed {
			log.Fatal(err)
		}
	}()

	<-stopping.Done()
	time.AfterFunc(grace, func() { os.Exit(0) })
	server.Shutdown(context.Background())
	api.webSockets.Wait()
}
