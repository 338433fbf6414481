// A load for etcd through its own client. Its flags, its loops and its report are those of bench/load/main.ts.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

var (
	targets     = flag.String("targets", "http://127.0.0.1:2379", "URLs, over which the connections are spread")
	clients     = flag.Int("clients", 64, "number of requests in flight; in an open loop, the limit")
	connections = flag.Int("connections", 8, "what the clients share")
	seconds     = flag.Float64("seconds", 2, "how long to measure")
	warmup      = flag.Float64("warmup", 0.5, "how long to run before that")
	puts        = flag.Float64("puts", 1, "the share of puts, 0 to 1; the others are linearizable gets")
	valueBytes  = flag.Int("value-bytes", 100, "the length of a value")
	keys        = flag.Int64("keys", 10000, "how many different keys, one after another")
	rate        = flag.Float64("rate", 0, "an open loop of so many requests per second; 0: a closed loop")
	count       = flag.Int64("count", 0, "end after so many requests rather than after seconds; 0: don't")
)

var (
	value   string
	pool    []*clientv3.Client
	started atomic.Int64
	// Answers before the end of the time that is measured.
	timely  atomic.Int64
	total   atomic.Int64
	failed  atomic.Int64
	absent  atomic.Int64
	failure atomic.Value
	from    time.Time
	end     time.Time
)

func main() {
	flag.Parse()
	value = strings.Repeat("x", *valueBytes)
	connect()
	latencies := make([][]time.Duration, *clients)
	begin := time.Now()
	from = begin.Add(inSeconds(*warmup))
	end = from.Add(inSeconds(*seconds))
	if *count > 0 {
		from, end = begin, begin.Add(24*time.Hour)
	}
	due := schedule(begin)
	var cpuBefore time.Duration
	time.AfterFunc(time.Until(from), func() { cpuBefore = cpuTime() })
	var all sync.WaitGroup
	for n := range latencies {
		all.Add(1)
		go func(n int) {
			defer all.Done()
			latencies[n] = run(pool[n%len(pool)], due)
		}(n)
	}
	all.Wait()
	report(latencies, cpuTime()-cpuBefore)
}

func inSeconds(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second))
}

func connect() {
	urls := strings.Split(*targets, ",")
	for n := 0; n < *connections; n++ {
		client, err := clientv3.New(clientv3.Config{
			Endpoints:   []string{urls[n%len(urls)]},
			DialTimeout: 5 * time.Second,
		})
		if err != nil {
			log.Fatal(err)
		}
		pool = append(pool, client)
	}
}

// The moments at which the requests of an open loop are due; nil in a closed one.
func schedule(begin time.Time) chan time.Time {
	if *rate == 0 {
		return nil
	}
	total := int64(*rate * end.Sub(begin).Seconds())
	if *count > 0 {
		total = *count
	}
	// Nobody waits to hand over a request: those that are late queue here.
	due := make(chan time.Time, total)
	go func() {
		for n := int64(0); n < total; n++ {
			at := begin.Add(time.Duration(float64(n) / *rate * float64(time.Second)))
			// More exact than the timers of Go, which wait in whole milliseconds.
			if wait := time.Until(at); wait > 0 {
				rest := syscall.NsecToTimespec(wait.Nanoseconds())
				syscall.Nanosleep(&rest, nil)
			}
			due <- at
		}
		close(due)
	}()
	return due
}

// One client: one request after another, until there is none left or the time is over.
func run(client *clientv3.Client, due chan time.Time) []time.Duration {
	var latencies []time.Duration
	for {
		at := time.Now()
		if due != nil {
			next, more := <-due
			if !more {
				return latencies
			}
			at = next
		} else if !at.Before(end) {
			return latencies
		}
		n := started.Add(1) - 1
		if *count > 0 && n >= *count {
			return latencies
		}
		if err := request(client, fmt.Sprintf("key-%d", n%*keys)); err != nil {
			failed.Add(1)
			failure.Store(err.Error())
		}
		total.Add(1)
		now := time.Now()
		if now.Before(from) {
			continue
		}
		latencies = append(latencies, now.Sub(at))
		if now.Before(end) {
			timely.Add(1)
		}
	}
}

func request(client *clientv3.Client, key string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if *puts == 1 || rand.Float64() < *puts {
		_, err := client.Put(ctx, key, value)
		return err
	}
	answer, err := client.Get(ctx, key)
	if err != nil {
		return err
	}
	if len(answer.Kvs) == 0 {
		absent.Add(1)
		return nil
	}
	if found := answer.Kvs[0]; string(found.Key) != key || len(found.Value) != *valueBytes {
		return fmt.Errorf("get of %s: %d bytes of %s", key, len(found.Value), found.Key)
	}
	return nil
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
