package main

import (
	"encoding/json"
	"log"
	"os"
	"sort"
	"time"
)

type loadReport struct {
	Count          int64   `json:"count"`
	Seconds        float64 `json:"seconds"`
	Total          int64   `json:"total"`
	Failed         int64   `json:"failed"`
	Failure        string  `json:"failure,omitempty"`
	Absent         int64   `json:"absent"`
	P50Ms          float64 `json:"p50Ms"`
	P95Ms          float64 `json:"p95Ms"`
	P99Ms          float64 `json:"p99Ms"`
	P999Ms         float64 `json:"p999Ms"`
	MaxMs          float64 `json:"maxMs"`
	LoadCpuPercent float64 `json:"loadCpuPercent"`
}

func report(perClient [][]time.Duration, cpu time.Duration) {
	elapsed := time.Since(from)
	measured := elapsed
	if until := end.Sub(from); until < measured {
		measured = until
	}
	var latencies []time.Duration
	for _, some := range perClient {
		latencies = append(latencies, some...)
	}
	sort.Slice(latencies, func(a, b int) bool { return latencies[a] < latencies[b] })
	at := func(share float64) float64 {
		if len(latencies) == 0 {
			return 0
		}
		index := int(share * float64(len(latencies)))
		if index == len(latencies) {
			index--
		}
		return latencies[index].Seconds() * 1000
	}
	firstFailure, _ := failure.Load().(string)
	err := json.NewEncoder(os.Stdout).Encode(loadReport{
		Count: timely.Load(), Seconds: measured.Seconds(),
		Total:  total.Load(),
		Failed: failed.Load(), Failure: firstFailure, Absent: absent.Load(),
		P50Ms: at(0.5), P95Ms: at(0.95), P99Ms: at(0.99), P999Ms: at(0.999), MaxMs: at(1),
		LoadCpuPercent: 100 * cpu.Seconds() / elapsed.Seconds(),
	})
	if err != nil {
		log.Fatal(err)
	}
}
