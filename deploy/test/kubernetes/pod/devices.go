package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

// restartCheck is how often the kubelet's socket is looked at: a kubelet that starts again has forgotten its plugins.
const restartCheck = time.Second

// resource is one extended resource, offered as so many devices that are alike.
type resource struct {
	api.UnimplementedDevicePluginServer
	name  string
	count int
	done  <-chan struct{}
}

// serveDevices offers each NAME=COUNT to the kubelet, and registers again whenever the kubelet has started anew, until a signal ends it.
func serveDevices(offers []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	resources := make([]*resource, 0, len(offers))
	for _, offer := range offers {
		name, text, _ := strings.Cut(offer, "=")
		count, err := strconv.Atoi(text)
		if err != nil || count < 0 || !strings.Contains(name, "/") {
			return fmt.Errorf("%q is not RESOURCE=COUNT, as in sgx.intel.com/epc=1048576", offer)
		}
		resources = append(resources, &resource{name: name, count: count, done: ctx.Done()})
	}
	if len(resources) == 0 {
		return errors.New("no resource named")
	}
	for ctx.Err() == nil {
		if err := offerUntilKubeletRestarts(ctx, resources); err != nil {
			fmt.Fprintln(os.Stderr, "epc-device-plugin: will try again:", err)
			select {
			case <-ctx.Done():
			case <-time.After(restartCheck):
			}
		}
	}
	return nil
}

func offerUntilKubeletRestarts(ctx context.Context, resources []*resource) error {
	kubelet, err := os.Stat(api.KubeletSocket)
	if err != nil {
		return err
	}
	for _, r := range resources {
		server, err := r.serve(ctx)
		if err != nil {
			return err
		}
		defer server.Stop()
	}
	for ctx.Err() == nil {
		time.Sleep(restartCheck)
		if now, err := os.Stat(api.KubeletSocket); err != nil || !os.SameFile(kubelet, now) {
			return nil
		}
	}
	return nil
}

func (r *resource) serve(ctx context.Context) (*grpc.Server, error) {
	socket := strings.NewReplacer("/", "-", ".", "-").Replace(r.name) + ".sock"
	path := filepath.Join(api.DevicePluginPath, socket)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer()
	api.RegisterDevicePluginServer(server, r)
	go func() { _ = server.Serve(listener) }()
	connection, err := grpc.NewClient("unix://"+api.KubeletSocket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		server.Stop()
		return nil, err
	}
	defer connection.Close()
	request := &api.RegisterRequest{Version: api.Version, Endpoint: socket, ResourceName: r.name, Options: &api.DevicePluginOptions{}}
	if _, err := api.NewRegistrationClient(connection).Register(ctx, request); err != nil {
		server.Stop()
		return nil, fmt.Errorf("registering %s: %w", r.name, err)
	}
	fmt.Fprintf(os.Stderr, "epc-device-plugin: offers %d of %s (EMULATED: no TEE behind it)\n", r.count, r.name)
	return server, nil
}

func (r *resource) GetDevicePluginOptions(context.Context, *api.Empty) (*api.DevicePluginOptions, error) {
	return &api.DevicePluginOptions{}, nil
}

// ListAndWatch sends the one list there is and then keeps the stream: emulated devices never fall ill.
func (r *resource) ListAndWatch(_ *api.Empty, stream api.DevicePlugin_ListAndWatchServer) error {
	devices := make([]*api.Device, r.count)
	for i := range devices {
		devices[i] = &api.Device{ID: strconv.Itoa(i), Health: api.Healthy}
	}
	if err := stream.Send(&api.ListAndWatchResponse{Devices: devices}); err != nil {
		return err
	}
	select {
	case <-r.done:
	case <-stream.Context().Done():
	}
	return nil
}

// Allocate grants without handing anything over: only the scheduler's count is of interest, as with sgx.intel.com/epc itself.
func (r *resource) Allocate(_ context.Context, request *api.AllocateRequest) (*api.AllocateResponse, error) {
	response := &api.AllocateResponse{}
	for range request.ContainerRequests {
		response.ContainerResponses = append(response.ContainerResponses, &api.ContainerAllocateResponse{})
	}
	return response, nil
}
