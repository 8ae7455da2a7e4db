// How many jobs a second River works that were put in the queue before it began: what its own `river bench` measures, with
// the same settings (as many workers as it allows, 2 ms between fetches).
//
// river COUNT, with DATABASE_URL. Prints `put` and `worked`, each with jobs and microseconds.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Jobs of one insert.
const atOnce = 2_000

type args struct {
	Number int `json:"number"`
}

func (args) Kind() string { return "nothing" }

type worker struct {
	river.WorkerDefaults[args]
	done atomic.Int64
}

func (w *worker) Work(context.Context, *river.Job[args]) error {
	w.done.Add(1)
	return nil
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	count, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer pool.Close()
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	work := &worker{}
	workers := river.NewWorkers()
	river.AddWorker(workers, work)
	client, err := river.NewClient(driver, &river.Config{
		FetchCooldown:     2 * time.Millisecond,
		FetchPollInterval: 20 * time.Millisecond,
		Logger:            slog.New(slog.DiscardHandler),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: river.QueueNumWorkersMax}},
		Workers:           workers,
	})
	if err != nil {
		return err
	}

	begun := time.Now()
	for put := 0; put < count; put += atOnce {
		many := make([]river.InsertManyParams, 0, atOnce)
		for n := range min(atOnce, count-put) {
			many = append(many, river.InsertManyParams{Args: args{Number: put + n}})
		}
		if _, err := client.InsertManyFast(ctx, many); err != nil {
			return err
		}
	}
	put := time.Now()
	if err := client.Start(ctx); err != nil {
		return err
	}
	// Done is what is written down.
	for work.done.Load() < int64(count) || left(ctx, pool) {
		time.Sleep(2 * time.Millisecond)
	}
	worked := time.Now()
	if err := client.Stop(ctx); err != nil {
		return err
	}
	fmt.Println("put", count, put.Sub(begun).Microseconds())
	fmt.Println("worked", count, worked.Sub(put).Microseconds())
	return nil
}

// Whether a job is not finalized yet.
func left(ctx context.Context, pool *pgxpool.Pool) bool {
	var id int64
	err := pool.QueryRow(ctx, "select id from river_job where finalized_at is null limit 1").Scan(&id)
	return err != pgx.ErrNoRows
}
