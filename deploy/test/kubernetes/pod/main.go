// What the test cluster needs in Pods of its own, in one static program: the sandbox of each Pod, and a device plugin that offers emulated EPC.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] == "pause" {
		pause()
		return
	}
	if os.Args[1] != "epc-device-plugin" {
		fmt.Fprintf(os.Stderr, "usage: pod pause | epc-device-plugin RESOURCE=COUNT...\n")
		os.Exit(2)
	}
	if err := serveDevices(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "epc-device-plugin:", err)
		os.Exit(1)
	}
}

// pause holds a Pod's namespaces open, and reaps what is orphaned in them, until the runtime ends it.
func pause() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}
