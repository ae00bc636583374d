"""What a model needs in memory on this machine, part by part and device by device, before it is loaded.

The engine itself is asked (a dry load in a worker, of the file's header only). Where it cannot answer, a
closed form does, and the report says so. The verdict is against memory that is free now, less a stated
reserve. `fit.estimate.ask_fit` is the way in.
"""
